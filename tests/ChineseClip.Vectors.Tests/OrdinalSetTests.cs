using CsCheck;

namespace ChineseClip.Vectors.Tests;

public sealed class OrdinalSetTests
{
    private static readonly Gen<int[]> Ordinals = Gen.Int[0, 300].Array[0, 60];

    [Fact]
    public void AddsAndRemovesEqualHashSet() =>
        Gen.Select(Gen.Int[0, 300], Gen.Bool).Array[0, 200].Sample(operations =>
        {
            OrdinalSet set = new();
            HashSet<int> expected = [];
            foreach ((int ordinal, bool add) in operations)
            {
                Assert.Equal(add ? expected.Add(ordinal) : expected.Remove(ordinal), add ? set.Add(ordinal) : set.Remove(ordinal));
            }
            AssertEqual(expected, set);
        });

    [Fact]
    public void SetAlgebraEqualsHashSet() =>
        Gen.Select(Ordinals, Ordinals).Sample((left, right) =>
        {
            foreach (Action<OrdinalSet, HashSet<int>> operation in new Action<OrdinalSet, HashSet<int>>[]
            {
                (set, expected) => { set.IntersectWith(new OrdinalSet(right)); expected.IntersectWith(right); },
                (set, expected) => { set.UnionWith(new OrdinalSet(right)); expected.UnionWith(right); },
                (set, expected) => { set.ExceptWith(new OrdinalSet(right)); expected.ExceptWith(right); },
            })
            {
                OrdinalSet set = new(left);
                HashSet<int> expected = [.. left];
                operation(set, expected);
                AssertEqual(expected, set);
            }
        });

    private static void AssertEqual(HashSet<int> expected, OrdinalSet set)
    {
        List<int> members = [];
        for (int i = set.NextAtLeast(0); i >= 0; i = set.NextAtLeast(i + 1))
        {
            members.Add(i);
            Assert.True(set.Contains(i));
        }
        Assert.Equal(expected.Order(), members);
        Assert.Equal(expected.Count, set.Count);
        Assert.False(set.Contains(-1));
        Assert.False(set.Contains(int.MaxValue));
    }
}
