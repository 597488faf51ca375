using System.Text.Json;
using ChineseClip.Model.Evaluation;

namespace ChineseClip.Model.Tests.Evaluation;

/// <summary>Against files that OFA-Sys' own evaluation scripts wrote.</summary>
public sealed class RetrievalTests
{
    private const RetrievalDirection ToImage = RetrievalDirection.TextToImage;
    private const RetrievalDirection ToText = RetrievalDirection.ImageToText;

    public static TheoryData<RetrievalDirection, string, string, string> Golden => new()
    {
        { ToImage, "valid_texts.jsonl", "valid_predictions.jsonl", "recall_t2i.json" },
        { ToText, "valid_texts.tr.jsonl", "valid_tr_predictions.jsonl", "recall_i2t.json" },
    };

    [Theory]
    [MemberData(nameof(Golden))]
    public void RecallScores_GoldenPredictions_EqualTheScriptsToTheLastDigit(
        RetrievalDirection direction, string annotations, string predictions, string expected)
    {
        RecallScores scores = RecallScores.Of(
            RetrievalFiles.ReadAnnotations(PathOf(annotations), direction), RetrievalFiles.ReadPredictions(PathOf(predictions), direction));

        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(PathOf(expected)));
        JsonElement figures = document.RootElement.GetProperty("scoreJson");
        Assert.Equal(figures.GetProperty("r1").GetDouble(), scores.R1);
        Assert.Equal(figures.GetProperty("r5").GetDouble(), scores.R5);
        Assert.Equal(figures.GetProperty("r10").GetDouble(), scores.R10);
        Assert.Equal(figures.GetProperty("mean_recall").GetDouble(), scores.MeanRecall);
    }

    [Fact]
    public void TopPredictions_GoldenFeatures_WriteTheScriptsFiles()
    {
        FeatureSet<long> texts = RetrievalFiles.ReadFeatures(PathOf("valid_texts.txt_feat.jsonl"), ToImage);
        FeatureSet<long> images = RetrievalFiles.ReadFeatures(PathOf("valid_imgs.img_feat.jsonl"), ToText);
        using TemporaryDirectory directory = new();

        RetrievalFiles.WritePredictions(directory["t2i"], ToImage, TopPredictions.Find(texts, images));
        RetrievalFiles.WritePredictions(directory["i2t"], ToText, TopPredictions.Find(images, texts));

        Assert.Equal(File.ReadAllText(PathOf("valid_predictions.jsonl")), File.ReadAllText(directory["t2i"]));
        Assert.Equal(File.ReadAllText(PathOf("valid_tr_predictions.jsonl")), File.ReadAllText(directory["i2t"]));
    }

    [Fact]
    public void WriteFeaturesThenRead_GiveTheSame()
    {
        FeatureSet<long> features = RetrievalFiles.ReadFeatures(PathOf("valid_texts.txt_feat.jsonl"), ToImage);
        using TemporaryDirectory directory = new();

        RetrievalFiles.WriteFeatures(directory["features"], ToImage, features);
        FeatureSet<long> read = RetrievalFiles.ReadFeatures(directory["features"], ToImage);

        Assert.Equal(120, read.Ids.Count);
        Assert.Equal(features.Ids, read.Ids);
        Assert.Equal(features.Values, read.Values);
        Assert.Equal(File.ReadAllText(PathOf("valid_texts.txt_feat.jsonl")), File.ReadAllText(directory["features"]));
    }

    [Fact]
    public void Invert_GoldenAnnotations_GivesTheScriptsFile() => Assert.Equal(
        RetrievalFiles.ReadAnnotations(PathOf("valid_texts.tr.jsonl"), ToText),
        RetrievalFiles.Invert(RetrievalFiles.ReadAnnotations(PathOf("valid_texts.jsonl"), ToImage)));

    [Fact]
    public void TopPredictions_EqualScores_KeepTheGallerysOrder()
    {
        FeatureSet<long> query = new([1], [1, 0], 2);
        FeatureSet<long> gallery = new([30, 10, 20], [0, 1, 1, 0, 1, 0], 2);

        Assert.Equal([10, 20], TopPredictions.Find(query, gallery, 2)[1]);
    }

    [Theory]
    [InlineData("{\"text_id\": \"a\", \"image_ids\": [1]}", "\"text_id\" is \"a\"; must be a whole number")]
    [InlineData("{\"text_id\": 1}", "\"image_ids\" is absent; must be an array")]
    [InlineData("{\"text_id\": 1, \"image_ids\": [1, 2.5]}", "holds 2.5")]
    [InlineData("{\"text_id\": 1, \"image_ids\": [1, 1, 2, 3, 4, 5, 6, 7, 8, 9]}", "has 10 ids, 9 of them different")]
    [InlineData("{\"text_id\": 1, \"image_ids\": [1, 2]}", "has 2 ids")]
    [InlineData("[1]", "must be an object")]
    [InlineData("{", "is not JSON")]
    public void ReadPredictions_WrongLine_IsNamed(string line, string detail)
    {
        using TemporaryDirectory directory = new();
        File.WriteAllText(directory["p"], "{\"text_id\": 0, \"image_ids\": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]}\n" + line + "\n");

        InvalidDataException exception = Assert.Throws<InvalidDataException>(() => RetrievalFiles.ReadPredictions(directory["p"], ToImage));

        Assert.Contains("line 2", exception.Message, StringComparison.Ordinal);
        Assert.Contains(detail, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void RecallScores_QueryWithoutPrediction_IsRefused()
    {
        var annotations = new Dictionary<long, IReadOnlyList<long>> { [7] = [1] };

        ArgumentException exception = Assert.Throws<ArgumentException>(() => RecallScores.Of(annotations, new Dictionary<long, IReadOnlyList<long>>()));

        Assert.Contains("Query 7 has no prediction", exception.Message, StringComparison.Ordinal);
    }

    private static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "Golden", "retrieval", name);
}
