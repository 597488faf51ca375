using System.Globalization;
using ChineseClip.Cli.Running;
using ChineseClip.Model.Evaluation;

namespace ChineseClip.Cli.Evaluation;

/// <summary>What an evaluation is made of: the ten best answers of each query, one way or both, and the features they come from.</summary>
internal sealed record RetrievalAnswers
{
    public IReadOnlyDictionary<long, IReadOnlyList<long>>? TextToImage { get; init; }

    public IReadOnlyDictionary<long, IReadOnlyList<long>>? ImageToText { get; init; }

    public FeatureSet<long>? Texts { get; init; }

    public FeatureSet<long>? Images { get; init; }

    /// <summary>Everything compared with everything, both ways.</summary>
    public static RetrievalAnswers Of(FeatureSet<long> texts, FeatureSet<long> images) => new()
    {
        Texts = texts,
        Images = images,
        TextToImage = TopPredictions.Find(texts, images),
        ImageToText = TopPredictions.Find(images, texts),
    };

    /// <param name="annotations">Each text's right pictures.</param>
    /// <param name="inverted">Each picture's right texts.</param>
    /// <remarks>A right picture that no text could be given, because nobody has it, is missing and counts in one direction only.</remarks>
    public RetrievalOutcome Score(
        IReadOnlyDictionary<long, IReadOnlyList<long>> annotations, IReadOnlyDictionary<long, IReadOnlyList<long>> inverted)
    {
        IReadOnlyDictionary<long, IReadOnlyList<long>> present = ImageToText is { } answered
            ? inverted.Where(pair => answered.ContainsKey(pair.Key)).ToDictionary()
            : inverted;
        if (present.Count == 0)
        {
            throw new CommandFailedException($"None of the {inverted.Count} annotated pictures is among those evaluated; the first is {inverted.Keys.First()}.");
        }

        return new RetrievalOutcome(
            annotations.Count,
            present.Count,
            [.. inverted.Keys.Where(id => !present.ContainsKey(id)).Select(id => id.ToString(CultureInfo.InvariantCulture))],
            TextToImage is { } toImage ? RecallScores.Of(annotations, toImage) : null,
            ImageToText is { } toText ? RecallScores.Of(present, toText) : null);
    }

    /// <summary>Writes what there is in OFA-Sys' files.</summary>
    public void Save(string directory)
    {
        Directory.CreateDirectory(directory);
        Write(TextToImage, "predictions.jsonl", RetrievalDirection.TextToImage, RetrievalFiles.WritePredictions);
        Write(ImageToText, "tr_predictions.jsonl", RetrievalDirection.ImageToText, RetrievalFiles.WritePredictions);
        Write(Texts, "texts.txt_feat.jsonl", RetrievalDirection.TextToImage, RetrievalFiles.WriteFeatures);
        Write(Images, "imgs.img_feat.jsonl", RetrievalDirection.ImageToText, RetrievalFiles.WriteFeatures);

        void Write<T>(T? content, string name, RetrievalDirection direction, Action<string, RetrievalDirection, T> write)
            where T : class
        {
            if (content is not null)
            {
                write(Path.Combine(directory, name), direction, content);
            }
        }
    }

    /// <summary>A collection's id as OFA-Sys' files need it.</summary>
    public static long NumberOf(string id) => long.TryParse(id, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number)
        ? number
        : throw new CommandFailedException($"The id '{id}' is no whole number; OFA-Sys' files hold no other, so --save cannot write them.");
}
