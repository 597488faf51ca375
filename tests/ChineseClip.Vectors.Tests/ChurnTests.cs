namespace ChineseClip.Vectors.Tests;

/// <summary>Half the items removed and added again: the index is as a new one.</summary>
public sealed class ChurnTests
{
    private const int Count = 4000;
    private const int Dimension = 24;
    private const int Ef = 40;

    [Theory]
    [InlineData(VectorQuantization.Sq7, false)]
    [InlineData(VectorQuantization.Sq7, true)]
    [InlineData(VectorQuantization.None, false)]
    public void HalfRemovedAndAddedAgain_RecallReachabilityAndMemoryStay(VectorQuantization quantization, bool removedFirst)
    {
        float[][] vectors = RandomVectors.Create(Count, Dimension, 81);
        float[][] queries = RandomVectors.Create(200, Dimension, 82);
        using HnswIndex index = HnswIndexTests.Build(vectors, quantization);
        double fresh = HnswIndexTests.Recall(index, queries, Ef);
        long bytes = index.MemoryBytes;
        int[] ordinals = [.. Enumerable.Range(0, Count)];
        int[] ids = [.. ordinals];
        new Random(83).Shuffle(ids);
        ids = ids[..(Count / 2)];
        if (removedFirst)
        {
            Array.ForEach(ids, id => Assert.True(index.Remove(ordinals[id])));
            AssertNoneFound(index, [.. ids.Select(id => ordinals[id])], vectors);
        }
        foreach (int id in ids)
        {
            Assert.True(removedFirst || index.Remove(ordinals[id]));    // once removed, an ordinal may be another's
            ordinals[id] = index.Add(vectors[id]);
        }
        Assert.Equal(Count, index.Count);
        Assert.Equal(0, index.RepairReachability());
        Assert.InRange(index.MemoryBytes, 0.9 * bytes, 1.1 * bytes);
        double churned = HnswIndexTests.Recall(index, queries, Ef);
        Assert.True(churned >= fresh - 0.01, $"recall@10 at ef {Ef} was {fresh} and is {churned}");
        for (int id = 0; id < Count; id++)
        {
            Assert.Equal(ordinals[id], HnswIndexTests.SearchHits(index, vectors[id], 100, 1)[0].Ordinal);
        }
    }

    private static void AssertNoneFound(HnswIndex index, HashSet<int> removed, float[][] vectors)
    {
        foreach (float[] vector in vectors)
        {
            Assert.DoesNotContain(HnswIndexTests.SearchHits(index, vector, 20, 5), hit => removed.Contains(hit.Ordinal));
        }
    }
}
