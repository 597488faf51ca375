using ChineseClip.Vectors.Graph;
using CsCheck;

namespace ChineseClip.Vectors.Tests;

public sealed unsafe class CandidatePoolTests
{
    [Fact]
    public void PoolEqualsSortOfAllInserted() =>
        Gen.Select(Gen.Int[1, 150], Gen.Int[-60, 60].Array[0, 400]).Sample((capacity, ranks) =>
        {
            long[] memory = new long[capacity];
            fixed (long* keys = memory)
            {
                CandidatePool pool = new(keys, capacity);
                for (int ordinal = 0; ordinal < ranks.Length; ordinal++)
                {
                    pool.Insert(ranks[ordinal], ordinal);
                }
                IEnumerable<int> expected = Enumerable.Range(0, ranks.Length)
                    .OrderByDescending(ordinal => ranks[ordinal]).ThenBy(ordinal => ordinal).Take(capacity);
                Assert.Equal(expected, pool.Keys.ToArray().Select(RankKey.Ordinal));
                Assert.Equal(expected.Select(ordinal => ranks[ordinal]), pool.Keys.ToArray().Select(RankKey.Rank));
            }
        });

    [Fact]
    public void TryTakeBest_InsertsBetween_TakesEachOnceBestFirst()
    {
        long[] memory = new long[4];
        fixed (long* keys = memory)
        {
            CandidatePool pool = new(keys, 4);
            pool.Insert(5, 1);
            pool.Insert(3, 2);
            Assert.True(pool.TryTakeBest(out int node));
            Assert.Equal(1, node);
            pool.Insert(9, 3);
            Assert.Equal(3, pool.PeekNext());
            Assert.Equal(2, pool.PeekAfterNext());
            Assert.Equal(long.MaxValue, pool.Limit);
            Assert.True(pool.TryTakeBest(out node));
            Assert.Equal(3, node);
            Assert.True(pool.TryTakeBest(out node));
            Assert.Equal(2, node);
            Assert.False(pool.TryTakeBest(out _));
            Assert.Equal(-1, pool.PeekNext());
            Assert.Equal(-1, pool.PeekAfterNext());
            pool.Insert(1, 4);
            Assert.Equal(4, pool.PeekNext());
            Assert.Equal(-1, pool.PeekAfterNext());
            Assert.Equal(RankKey.Create(1, 4), pool.Limit);
            Assert.Equal([3, 1, 2, 4], pool.Keys.ToArray().Select(RankKey.Ordinal));
        }
    }

    [Fact]
    public void RankOfScoreKeepsOrderAndValue() =>
        Gen.Select(Gen.Float[-1.5f, 1.5f], Gen.Float[-1.5f, 1.5f]).Sample((left, right) =>
        {
            Assert.Equal(left.CompareTo(right), RankKey.FromScore(left).CompareTo(RankKey.FromScore(right)));
            Assert.Equal(left, RankKey.ToScore(RankKey.FromScore(left)));
        });
}
