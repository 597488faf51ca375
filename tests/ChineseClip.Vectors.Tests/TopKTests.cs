using CsCheck;

namespace ChineseClip.Vectors.Tests;

public sealed class TopKTests
{
    private static readonly Gen<ScoredOrdinal> Hit =
        Gen.Select(Gen.Int[0, 50], Gen.Int[-3, 3], (ordinal, score) => new ScoredOrdinal(ordinal, score / 4f));

    [Fact]
    public void MergedHitsEqualSortOfAllLists() =>
        Gen.Select(Hit.Array[0, 12].Array[0, 6], Gen.Int[0, 30]).Sample((lists, k) =>
        {
            foreach (ScoredOrdinal[] list in lists)
            {
                Array.Sort(list);
            }
            Assert.Equal(lists.SelectMany(list => list).Order().Take(k), TopK.Merge(lists, k));
        });

    [Fact]
    public void CompareTo_EqualScores_LowerOrdinalFirst()
    {
        Assert.True(new ScoredOrdinal(1, 0.5f) < new ScoredOrdinal(2, 0.5f));
        Assert.True(new ScoredOrdinal(2, 0.6f) < new ScoredOrdinal(1, 0.5f));
    }
}
