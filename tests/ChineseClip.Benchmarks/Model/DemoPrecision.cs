using ChineseClip.Demo;
using ChineseClip.Demo.Drawing;
using ChineseClip.Demo.Evaluation;
using ChineseClip.Model;

namespace ChineseClip.Benchmarks.Model;

/// <summary>What int8 costs on a model that was trained: the demo's, on its held-out pictures.</summary>
internal static class DemoPrecision
{
    private const int PictureBatch = 64;

    public static PrecisionFigure Measure(string directory)
    {
        HeldOutSet set = HeldOutSet.Create();
        var figures = new List<(float[][] Pictures, float[][] Texts, HeldOutResult Result)>();
        foreach (ModelPrecision precision in (ModelPrecision[])[ModelPrecision.Fp32, ModelPrecision.Int8])
        {
            string package = Path.Combine(directory, $"demo-{TowerBenchmark.Name(precision)}");
            ModelConverter.Convert(DemoModel.CheckpointDirectory, package, precision);
            using ChineseClipModel model = ChineseClipModel.Load(package);
            using Illustrator illustrator = new();
            float[][] pictures = [.. set.Pictures.Chunk(PictureBatch).SelectMany(chunk => model.GetImageFeatures(
                [.. chunk.Select(facts => ImageDecoder.Decode(illustrator.DrawFile(facts), "drawn"))]))];
            float[][] texts = model.GetTextFeatures(set.Texts);
            figures.Add((pictures, texts, HeldOutEvaluation.Evaluate(set, pictures, _ => texts)));
        }

        (float[][] Pictures, float[][] Texts, HeldOutResult Result) fp32 = figures[0], int8 = figures[1];
        return new PrecisionFigure(
            "demo model, held out",
            0,
            Cosine(fp32.Texts, int8.Texts),
            Cosine(fp32.Pictures, int8.Pictures),
            fp32.Result.LongCaption.R10,
            int8.Result.LongCaption.R10);
    }

    private static double Cosine(float[][] a, float[][] b) =>
        TowerBenchmark.MeanCosine([.. a.SelectMany(row => row)], [.. b.SelectMany(row => row)], a.Length);
}
