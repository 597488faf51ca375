namespace ChineseClip.Vectors.Tests;

public sealed class ConcurrencyTests
{
    /// <summary>
    /// Readers search while one writer adds and removes. Ordinals below <c>Fixed</c> stay; of the others, a reader notes which were
    /// removed for good before its search began and must not see them; scores must belong to the vectors that were searched.
    /// </summary>
    [Theory]
    [InlineData(16, 0.95)]
    [InlineData(256, 0.5)]    // with sketches and landmarks; what lies evenly in so many dimensions is hard to find
    public async Task Search_BesideWriter_NeverReturnsRemovedAndKeepsRecall(int dimension, double recall)
    {
        const int Fixed = 4000;
        const int Rounds = 3000;
        float[][] vectors = RandomVectors.Create(Fixed, dimension, 1);
        using HnswIndex index = HnswIndexTests.Build(vectors);
        FlatIndex oracle = new(dimension);
        foreach (float[] vector in vectors)
        {
            oracle.Add(vector);
        }
        OrdinalSet stays = new(Enumerable.Range(0, Fixed));
        long[] removedAt = new long[Fixed * 40];
        bool done = false;
        long clock = 0;

        Task writer = Task.Run(() =>
        {
            Random random = new(2);
            Queue<int> extra = new();
            for (int i = 0; i < Rounds; i++)
            {
                int added = index.Add(RandomVectors.CreateOne(random, dimension));
                Volatile.Write(ref removedAt[added], 0);
                extra.Enqueue(added);
                if (extra.Count > 200)
                {
                    int removed = extra.Dequeue();
                    index.Remove(removed);
                    Volatile.Write(ref removedAt[removed], Interlocked.Increment(ref clock));
                }
            }
            Volatile.Write(ref done, true);
        }, TestContext.Current.CancellationToken);

        Task<(int Found, int Wanted)>[] readers = [.. Enumerable.Range(0, 2).Select(reader => Task.Run(() =>
        {
            Random random = new(100 + reader);
            ScoredOrdinal[] hits = new ScoredOrdinal[10];
            ScoredOrdinal[] expected = new ScoredOrdinal[10];
            float[] vector = new float[dimension];
            int found = 0;
            int wanted = 0;
            while (!Volatile.Read(ref done) || wanted == 0)
            {
                float[] query = RandomVectors.CreateOne(random, dimension);
                using ReadLease lease = index.EnterRead();
                long began = Interlocked.Read(ref clock);
                Assert.Equal(10, index.Search(query, 50, hits).Found);
                foreach (ScoredOrdinal hit in hits)
                {
                    long removed = Volatile.Read(ref removedAt[hit.Ordinal]);
                    if (index.TryGetVector(hit.Ordinal, vector))
                    {
                        // The lease keeps the slot, so the score must be that of the vector which is there.
                        Assert.Equal(VectorMath.Dot(query, vector), hit.Score);
                    }
                    else
                    {
                        Assert.False(removed != 0 && removed <= began, $"ordinal {hit.Ordinal} was removed before the search");
                    }
                }
                index.Search(query, 50, hits, stays);
                oracle.SearchExact(query, expected);
                found += hits.Count(hit => expected.Contains(hit));
                wanted += 10;
            }
            return (found, wanted);
        }, TestContext.Current.CancellationToken))];

        await writer;
        foreach ((int found, int wanted) in await Task.WhenAll(readers))
        {
            Assert.True(found >= recall * wanted, $"{found} of {wanted} true neighbours among the items that stay");
        }
        Assert.Equal(Fixed + 200, index.Count);
    }
}
