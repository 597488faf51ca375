using ChineseClip.Model.Inference;
using ChineseClip.Testing;

namespace ChineseClip.Model.Tests.Inference;

/// <summary>Embeddings of the tiny model against the reference's, from token ids and from pixel values.</summary>
public sealed class GoldenEmbeddingTests(TinyModelFixture fixture) : IClassFixture<TinyModelFixture>
{
    private const int Dimension = 32;
    private const int ImageSize = 64;
    private const double Fp32Tolerance = 1e-5;

    [Theory]
    [InlineData("model.safetensors", "f64")]
    [InlineData("pytorch_model.bin", "f64")]
    [InlineData("clip_cn_tiny.pt", "f64")]
    [InlineData("model.fp16.safetensors", "fp16w")]
    [InlineData("model.bf16.safetensors", "bf16w")]
    public void Encode_Texts_EqualReference(string weightFile, string golden)
    {
        float[] embeddings = EncodeTexts(fixture.Package(weightFile));

        AssertClose(GoldenFiles.TinyOutputs[golden + ".text_embeds"].AsDouble(), embeddings, Fp32Tolerance);
    }

    [Theory]
    [InlineData("model.safetensors", "f64")]
    [InlineData("pytorch_model.bin", "f64")]
    [InlineData("clip_cn_tiny.pt", "f64")]
    [InlineData("model.fp16.safetensors", "fp16w")]
    [InlineData("model.bf16.safetensors", "bf16w")]
    public void Encode_Images_EqualReference(string weightFile, string golden)
    {
        float[] embeddings = EncodeImages(fixture.Package(weightFile));

        AssertClose(GoldenFiles.TinyOutputs[golden + ".image_embeds"].AsDouble(), embeddings, Fp32Tolerance);
    }

    [Theory]
    [InlineData(ModelPrecision.Fp16, 0.99999)]
    [InlineData(ModelPrecision.Int8, 0.999)]
    public void Encode_SmallerPrecision_StaysNear(ModelPrecision precision, double leastMeanCosine)
    {
        string package = fixture.Package(precision: precision);

        double texts = MeanCosine(GoldenFiles.TinyOutputs["f64.text_embeds"].AsDouble(), EncodeTexts(package));
        double images = MeanCosine(GoldenFiles.TinyOutputs["f64.image_embeds"].AsDouble(), EncodeImages(package));

        TestContext.Current.TestOutputHelper!.WriteLine($"{precision}: mean cosine {texts:F7} of texts, {images:F7} of images");
        Assert.InRange(texts, leastMeanCosine, 1.000001);
        Assert.InRange(images, leastMeanCosine, 1.000001);
    }

    [Fact]
    public void Encode_OneTextAtATime_EqualsReferenceAndBatch()
    {
        using ITextEncoder encoder = ModelPackage.Open(fixture.Package()).CreateTextEncoder();
        int[][] texts = Texts();

        float[] single = [.. texts.SelectMany(t => encoder.Encode([t]))];

        AssertClose(Unit(GoldenFiles.TinyOutputs["single.text_features"].AsDouble()), single, Fp32Tolerance);
        AssertClose([.. encoder.Encode(texts).Select(x => (double)x)], single, Fp32Tolerance);
    }

    [Fact]
    public void Compare_AllPairs_EqualsReferenceLogits()
    {
        float scale = ModelPackage.Open(fixture.Package()).Manifest.LogitScale;
        float[][] images = [.. EncodeImages(fixture.Package()).Chunk(Dimension)];
        float[][] texts = [.. EncodeTexts(fixture.Package()).Chunk(Dimension)];

        ImageTextLogits logits = Similarity.Compare(images, texts, scale);

        double[] expected = GoldenFiles.TinyOutputs["f64.logits_per_image"].AsDouble();
        AssertClose(expected, [.. logits.LogitsPerImage.SelectMany(r => r)], 5e-5);
        AssertClose(GoldenFiles.TinyOutputs["logits_per_text"].AsDouble(), [.. logits.LogitsPerText.SelectMany(r => r)], 5e-5);
        AssertClose(GoldenFiles.TinyOutputs["probs_per_image"].AsDouble(), [.. logits.Probabilities.SelectMany(r => r)], 1e-5);
    }

    [Fact]
    public void ContrastiveLoss_EightPairs_EqualsReference()
    {
        float scale = ModelPackage.Open(fixture.Package()).Manifest.LogitScale;
        float[][] images = [.. EncodeImages(fixture.Package()).Chunk(Dimension).Take(8)];
        float[][] texts = [.. EncodeTexts(fixture.Package()).Chunk(Dimension).Skip(3).Take(8)];

        float loss = Similarity.ContrastiveLoss(Similarity.Compare(images, texts, scale));

        Assert.Equal(GoldenFiles.TinyOutputs["small.loss"].AsDouble()[0], loss, 1e-4);
    }

    private static float[] EncodeTexts(string package)
    {
        using ITextEncoder encoder = ModelPackage.Open(package).CreateTextEncoder();
        return encoder.Encode(Texts());
    }

    private static float[] EncodeImages(string package)
    {
        using var encoder = (ImageEncoder)ModelPackage.Open(package).CreateImageEncoder();
        float[] pixels = GoldenFiles.TinyOutputs["pixel_values"].AsSingle();
        int count = pixels.Length / (3 * ImageSize * ImageSize);
        float[] embeddings = new float[count * Dimension];
        encoder.EncodeBatch(pixels, count, embeddings);
        return embeddings;
    }

    private static int[][] Texts()
    {
        NpyArray ids = GoldenFiles.TinyOutputs["input_ids"];
        long[] mask = GoldenFiles.TinyOutputs["attention_mask"].AsInt64();
        return [.. ids.AsInt64().Chunk(ids.Shape[1]).Select((row, i) =>
            row.Where((_, j) => mask[(i * ids.Shape[1]) + j] == 1).Select(id => (int)id).ToArray())];
    }

    private static double[] Unit(double[] features) =>
        [.. features.Chunk(Dimension).SelectMany(r => r.Select(x => x / Math.Sqrt(r.Sum(y => y * y))))];

    private static double MeanCosine(double[] expected, float[] actual) =>
        expected.Zip(actual, (e, a) => e * a).Sum() / (expected.Length / Dimension);

    private static void AssertClose(double[] expected, float[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        double largest = expected.Zip(actual, (e, a) => Math.Abs(e - a)).Max();
        Assert.True(largest <= tolerance, $"largest difference is {largest:E2}; at most {tolerance:E2} allowed");
    }
}
