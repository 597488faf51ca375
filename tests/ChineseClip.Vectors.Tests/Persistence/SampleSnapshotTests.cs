using System.Runtime.CompilerServices;
using ChineseClip.Vectors.Persistence;

namespace ChineseClip.Vectors.Tests.Persistence;

/// <summary>Snapshots of every format version that was ever released stay in Samples and must open.</summary>
public sealed class SampleSnapshotTests
{
    private const int Count = 90;
    private const int RemovedEvery = 5;

    public static TheoryData<int, string> Samples => new()
    {
        { 1, "none" },
        { 1, "sq7" },
        { 1, "sq7-s16" },
        { 2, "none" },
        { 2, "sq7" },
        { 2, "sq7-s16" },
        { 2, "sq7-long" },
        { 3, "none" },
        { 3, "sq7" },
        { 3, "sq7-s16" },
        { 3, "sq7-long" },
    };

    [Theory]
    [MemberData(nameof(Samples))]
    public void Open_SampleOfAFormatVersion_HoldsWhatWasWritten(int version, string name)
    {
        float[][] vectors = VectorsOf(name);
        using HnswIndex index = HnswIndex.Open(Path.Combine(AppContext.BaseDirectory, "Samples", $"index-format-{version}", name));

        Assert.Equal(Count - (Count / RemovedEvery), index.Count);
        float[] vector = new float[vectors[0].Length];
        ScoredOrdinal[] hit = new ScoredOrdinal[1];
        for (int i = 0; i < Count; i++)
        {
            Assert.Equal(i % RemovedEvery != 0, index.TryGetVector(i, vector));
            if (i % RemovedEvery != 0)
            {
                Assert.All(vector.Zip(vectors[i]), pair => Assert.Equal(pair.Second, pair.First, 1e-4f));
                index.SearchExact(vectors[i], hit);
                Assert.Equal(i, hit[0].Ordinal);
                index.Search(vectors[i], 40, hit);
                Assert.Equal(i, hit[0].Ordinal);
            }
        }
        index.Add(vectors[0]);
        index.Search(vectors[0], 40, hit);
        Assert.Equal(1, hit[0].Score, 1e-4f);
    }

    /// <summary>Writes the sample of the present version beside this file. To be run once, when the version is new.</summary>
    [Fact(Explicit = true)]
    public void WriteSample()
    {
        foreach ((string name, VectorQuantization quantization) in new[]
        {
            ("none", VectorQuantization.None), ("sq7", VectorQuantization.Sq7), ("sq7-s16", VectorQuantization.Sq7S16), ("sq7-long", VectorQuantization.Sq7),
        })
        {
            float[][] vectors = VectorsOf(name);
            using HnswIndex index = new(new HnswParameters { Dimension = vectors[0].Length, M = 4, Quantization = quantization });
            foreach (float[] vector in vectors)
            {
                index.Add(vector);
            }
            for (int i = 0; i < Count; i += RemovedEvery)
            {
                Assert.True(index.Remove(i));
            }
            index.Learn(vectors[0], new LearningParameters { NeighborCount = 8, Ef = 40 });
            using IndexSnapshot snapshot = index.BeginSnapshot();
            snapshot.Write(Path.Combine(SourceDirectory(), "..", "Samples", $"index-format-{IndexManifest.CurrentVersion}", name));
        }
    }

    // Long ones have sketches.
    private static float[][] VectorsOf(string name) => RandomVectors.Create(Count, name.EndsWith("-long", StringComparison.Ordinal) ? 256 : 16, 1);

    private static string SourceDirectory([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
