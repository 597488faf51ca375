using ChineseClip.Demo.Facts;

namespace ChineseClip.Demo.Tests.Facts;

public sealed class PrngTests
{
    /// <summary>First output of SplitMix64 seeded with 0, from the authors' reference code.</summary>
    [Fact]
    public void Mix_OfOneGamma_EqualsReference() => Assert.Equal(0xE220A8397B1DCDAFUL, Prng.Mix(0x9E3779B97F4A7C15));

    [Fact]
    public void NeighbouringKeysGiveIndependentSequences()
    {
        ulong[] firsts =
        [
            new Prng(1, PrngStream.Facts, 0).Next(),
            new Prng(1, PrngStream.Facts, 1).Next(),
            new Prng(1, PrngStream.Layout, 0).Next(),
            new Prng(2, PrngStream.Facts, 0).Next(),
        ];
        Assert.Equal(firsts.Length, firsts.Distinct().Count());
    }

    [Fact]
    public void Below_StaysInRangeAndReachesAll()
    {
        var random = new Prng(3, PrngStream.Facts, 7);
        var counts = new int[6];
        for (var i = 0; i < 6_000; i++)
        {
            counts[random.Below(counts.Length)]++;
        }

        Assert.All(counts, count => Assert.InRange(count, 850, 1_150));
    }
}
