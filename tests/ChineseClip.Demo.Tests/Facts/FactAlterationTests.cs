using ChineseClip.Demo.Facts;

namespace ChineseClip.Demo.Tests.Facts;

public sealed class FactAlterationTests
{
    private static readonly PictureFacts[] Pictures = [.. new PictureFactsSource(11, PictureSplit.HeldOut).Take(2_000)];

    [Theory]
    [InlineData(FactField.Kind)]
    [InlineData(FactField.Color)]
    [InlineData(FactField.Count)]
    [InlineData(FactField.Relation)]
    [InlineData(FactField.Swap)]
    [InlineData(FactField.Setting)]
    public void Alter_AnyFact_ChangesThatFactAlone(FactField field)
    {
        var altered = 0;
        foreach (var facts in Pictures)
        {
            if (FactAlteration.Alter(facts, field, 0) is { } other)
            {
                Assert.Equal([field], Differences(facts, other));
                altered++;
            }
        }

        Assert.InRange(altered, Pictures.Length / 4, Pictures.Length);
    }

    [Fact]
    public void Alter_RelationOfOneGroup_IsNotPossible()
    {
        var lone = Pictures.First(facts => facts.Groups.Count == 1);
        Assert.Null(FactAlteration.Alter(lone, FactField.Relation, 0));
        Assert.Null(FactAlteration.Alter(lone, FactField.Swap, 0));
    }

    [Fact]
    public void Alter_SwapOfEqualColors_IsNotPossible()
    {
        var alike = Pictures.First(facts => facts.Groups is [var a, var b] && a.Color == b.Color);
        Assert.Null(FactAlteration.Alter(alike, FactField.Swap, 0));
    }

    private static List<FactField> Differences(PictureFacts left, PictureFacts right)
    {
        var differences = new List<FactField>();
        var pairs = left.Groups.Zip(right.Groups).ToArray();
        AddIf(FactField.Kind, pairs.Count(pair => pair.First.Kind != pair.Second.Kind) == 1);
        var recolored = pairs.Count(pair => pair.First.Color != pair.Second.Color);
        AddIf(FactField.Color, recolored == 1);
        AddIf(FactField.Count, pairs.Count(pair => pair.First.Count != pair.Second.Count) == 1);
        AddIf(FactField.Relation, left.Relation != right.Relation);
        AddIf(FactField.Swap, recolored == 2 && pairs[0].First.Color == pairs[1].Second.Color);
        AddIf(FactField.Setting, left.Setting != right.Setting);
        return differences;

        void AddIf(FactField field, bool differs)
        {
            if (differs)
            {
                differences.Add(field);
            }
        }
    }
}
