using System.Text.Json;
using ChineseClip.Demo.Evaluation;
using ChineseClip.Demo.Facts;

namespace ChineseClip.Demo.Tests.Evaluation;

public sealed class HeldOutEvaluationTests
{
    private static readonly ThingGroup FishPicture = new(ThingKind.Fish, ThingColor.Red, 1, ThingSize.Large);
    private static readonly ThingGroup TreePicture = new(ThingKind.Tree, ThingColor.Green, 1, ThingSize.Large);

    /// <summary>Two fish and one tree; one query for each thing that the set happens to draw.</summary>
    private static readonly HeldOutSet Set = new(
        [
            new(1, 0, Setting.Day, [FishPicture], null),
            new(1, 1, Setting.Day, [FishPicture], null),
            new(1, 2, Setting.Day, [TreePicture], null),
        ],
        4,
        seed: 1);

    private static readonly float[][] SomePictures = [[1, 0, 0], [0.6f, 0.8f, 0], [0, 0, 1]];

    [Fact]
    public void Evaluate_PerfectTexts_IsPerfect()
    {
        var result = Evaluate(text => Own(text) ?? (IsAboutTree(text) ? SomePictures[2] : [0.8f, 0.6f, 0]));
        Assert.Equal(new RecallTable(1, 1, 1), result.LongCaption);
        Assert.Equal(1, result.ShortQueryPrecisionAt10);
    }

    [Fact]
    public void Evaluate_QueriesThatPointAway_HavePrecisionOfWhatIsLeft()
    {
        // Every query ranks the tree first, then picture 1, then picture 0.
        var result = Evaluate(text => Own(text) ?? [0, 0.1f, 1]);
        var expected = Set.ShortQueries.Average(query => query.Fits(Set.Pictures[2]) ? 1.0 : 0.5);
        Assert.Equal(expected, result.ShortQueryPrecisionAt10, 12);
        Assert.True(expected < 1);
    }

    [Fact]
    public void Evaluate_AllScoresEqual_RanksByOrdinalAndCountsTiesAsWrong()
    {
        var result = Evaluate(_ => [0, 0, 0]);
        Assert.Equal(1 / 3.0, result.LongCaption.R1, 12);
        Assert.Equal(1, result.LongCaption.R5);
        Assert.Equal(0, result.TwoWay.Kind);
        Assert.Equal(0, result.TwoWay.Color);
        Assert.True(double.IsNaN(result.TwoWay.Swap));
    }

    [Fact]
    public void Evaluate_TrueCaptionNearer_WinsTheChoice()
    {
        var altered = Set.TwoWayChoices.Select(choice => choice.AlteredCaption).ToHashSet();
        Assert.Equal(1, Evaluate(text => altered.Contains(text) ? [-1, -1, -1] : [1, 1, 1]).TwoWay.Kind);
        Assert.Equal(0, Evaluate(text => altered.Contains(text) ? [1, 1, 1] : [-1, -1, -1]).TwoWay.Kind);
    }

    [Fact]
    public void Evaluate_WrongNumberOfPictures_IsRefused()
    {
        var error = Assert.Throws<ArgumentException>(() => HeldOutEvaluation.Evaluate(Set, [[1, 0, 0]], _ => []));
        Assert.Contains("1 picture embeddings were given for 3", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Result_Serialized_HasTheContractsShape()
    {
        var result = new HeldOutResult(3, new(0.1, 0.2, 0.3), 0.4, new(0.5, 0.6, 0.7, 0.8, 0.9), new(0, 0, 0));
        Assert.Equal(
            """{"pictures":3,"longCaption":{"r1":0.1,"r5":0.2,"r10":0.3},"shortQueryPrecisionAt10":0.4,"twoWay":{"kind":0.5,"color":0.6,"count":0.7,"relation":0.8,"swap":0.9}}""",
            JsonSerializer.Serialize(result, JsonSerializerOptions.Web));
    }

    [Fact]
    public void Set_Default_HasChoicesForEveryField()
    {
        var set = HeldOutSet.Create();
        Assert.Equal(1_000, set.Pictures.Count);
        Assert.Equal(100, set.Pictures.Count(facts => facts.HasUnseenComposition));
        Assert.Equal(1_000, set.TwoWayChoices.Count(choice => choice.Field == FactField.Kind));
        Assert.InRange(set.TwoWayChoices.Count(choice => choice.Field == FactField.Swap), 250, 420);
        Assert.All(set.TwoWayChoices, choice => Assert.NotEqual(choice.TrueCaption, choice.AlteredCaption));
        Assert.Equal(set.Texts.Count, set.Texts.Distinct().Count());
    }

    private static HeldOutResult Evaluate(Func<string, float[]> embed) =>
        HeldOutEvaluation.Evaluate(Set, SomePictures, texts => [.. texts.Select(embed)]);

    private static float[]? Own(string text)
    {
        var own = Set.LongCaptions.ToList().IndexOf(text);
        return own < 0 ? null : SomePictures[own];
    }

    private static bool IsAboutTree(string text) => text.Contains('树', StringComparison.Ordinal);
}
