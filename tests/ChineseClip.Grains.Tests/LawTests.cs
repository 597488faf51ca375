using ChineseClip.Abstractions;
using ChineseClip.Grains.Gateway;
using ChineseClip.Grains.Placement;
using ChineseClip.Grains.Shards;
using ChineseClip.Vectors;
using CsCheck;

namespace ChineseClip.Grains.Tests;

public sealed class LawTests
{
    [Fact]
    public void MergedHitsEqualSortOfAllShards()
    {
        Gen<(int[] Scores, int Shards, int K)> cases = Gen.Select(Gen.Int[0, 5].Array[0, 60], Gen.Int[1, 6], Gen.Int[1, 20]);
        cases.Sample(input =>
        {
            SearchHit[] all = [.. input.Scores.Select((score, i) => new SearchHit { Id = $"{i}", Score = score / 5f })];
            SearchHit[][] shards = new SearchHit[input.Shards][];
            for (int shard = 0; shard < input.Shards; shard++)
            {
                shards[shard] =
                [
                    .. all.Where(hit => ShardOf.Id(hit.Id, input.Shards) == shard).Order(HitOrder.Instance).Take(input.K),
                ];
            }

            SearchHit[] expected =
            [
                .. all.OrderByDescending(hit => hit.Score).ThenBy(hit => hit.Id, StringComparer.Ordinal).Take(input.K),
            ];
            SearchHit[] merged = TopK.Merge([.. shards], input.K, HitOrder.Instance);
            Assert.Equal(expected.Select(hit => hit.Id), merged.Select(hit => hit.Id));
        });
    }

    [Fact]
    public void EveryGroupIsSpreadToWithinOne()
    {
        Gen.Select(Gen.Int[1, 7], Gen.Int[1, 40], Gen.String[Gen.Char.AlphaNumeric, 1, 12]).Sample((silos, shards, collection) =>
        {
            string[] names = [.. Enumerable.Range(0, silos).Select(i => $"10.0.0.{i}:11111")];
            int[] loads =
            [
                .. Enumerable.Range(0, shards)
                    .GroupBy(ordinal => EvenSpreadDirector.Choose($"{collection}/{ordinal}", names, name => name))
                    .Select(group => group.Count()),
            ];
            Assert.InRange(loads.Max() - (loads.Length == silos ? loads.Min() : 0), 0, 1);

            // The order in which membership lists the silos does not matter.
            string[] reversed = [.. names.Reverse()];
            Assert.All(Enumerable.Range(0, shards), ordinal => Assert.Equal(
                EvenSpreadDirector.Choose($"{collection}/{ordinal}", names, name => name),
                EvenSpreadDirector.Choose($"{collection}/{ordinal}", reversed, name => name)));
        });
    }

    // The hash is part of the stored format: these values must never change.
    [Theory]
    [InlineData("", 16)]
    [InlineData("a", 16)]
    [InlineData("图集-1", 16)]
    public void ShardOf_KnownIds_StayWhereTheyAre(string id, int shards) => Assert.Equal(
        (int)(System.IO.Hashing.XxHash3.HashToUInt64(System.Text.Encoding.UTF8.GetBytes(id)) % (ulong)shards),
        ShardOf.Id(id, shards));

    [Fact]
    public void ShardOf_ManyIds_FillAllShardsEvenly()
    {
        int[] counts = [.. Enumerable.Range(0, 40_000).GroupBy(i => ShardOf.Id($"item-{i}", 8)).Select(group => group.Count())];
        Assert.Equal(8, counts.Length);
        Assert.All(counts, count => Assert.InRange(count, 4750, 5250));
    }
}
