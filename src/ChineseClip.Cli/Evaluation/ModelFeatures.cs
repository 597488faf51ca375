using System.Globalization;
using ChineseClip.Cli.Indexing;
using ChineseClip.Cli.Running;
using ChineseClip.Model;
using ChineseClip.Model.Evaluation;

namespace ChineseClip.Cli.Evaluation;

/// <summary>Unit features of annotated texts and of OFA-Sys' pictures, from a model and without a server.</summary>
/// <remarks>Source: OFA-Sys/Chinese-CLIP, cn_clip/eval/extract_features.py.</remarks>
internal static class ModelFeatures
{
    private const int TextBatch = 32;

    public static FeatureSet<long> OfTexts(ChineseClipModel model, IReadOnlyList<RetrievalQuery> queries, Action<int> advance, CancellationToken cancellationToken)
    {
        List<float> values = [];
        foreach (RetrievalQuery[] batch in queries.Chunk(TextBatch))
        {
            cancellationToken.ThrowIfCancellationRequested();
            values.AddRange(model.GetTextFeatures([.. batch.Select(query => query.Text)]).SelectMany(row => row));
            advance(batch.Length);
        }

        return new FeatureSet<long>([.. queries.Select(query => RetrievalAnswers.NumberOf(query.Id))], [.. values], model.Package.Manifest.Dimension);
    }

    /// <param name="model">The model.</param>
    /// <param name="path">A <c>.tsv</c>: on each line an id, a tab and the picture in base64.</param>
    /// <param name="advance">Called for each picture.</param>
    /// <param name="cancellationToken">Stops between two pictures.</param>
    public static FeatureSet<long> OfPictures(ChineseClipModel model, string path, Action<int> advance, CancellationToken cancellationToken)
    {
        List<long> ids = [];
        List<float> values = [];
        int number = 0;
        foreach (string line in File.ReadLines(path))
        {
            cancellationToken.ThrowIfCancellationRequested();
            number++;
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            string place = string.Create(CultureInfo.InvariantCulture, $"{path}, line {number}");
            int tab = line.IndexOf('\t', StringComparison.Ordinal);
            string base64 = (tab < 0 ? null : PictureText.ToStandard(line[(tab + 1)..]))
                ?? throw new CommandFailedException($"{place}: must be a whole number, a tab and a picture in base64.");
            ids.Add(RetrievalAnswers.NumberOf(line[..tab].Trim()));
            values.AddRange(model.GetImageFeatures([ImageDecoder.Decode(Convert.FromBase64String(base64), place)])[0]);
            advance(1);
        }

        return ids.Count > 0
            ? new FeatureSet<long>(ids, [.. values], model.Package.Manifest.Dimension)
            : throw new CommandFailedException($"'{path}' holds 0 pictures; must hold at least 1.");
    }
}
