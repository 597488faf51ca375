using System.Runtime.CompilerServices;
using ChineseClip.Vectors.Persistence;

namespace ChineseClip.Vectors.Tests.Persistence;

/// <summary>Snapshots of every format version that was ever released stay in Samples and must open.</summary>
public sealed class SampleSnapshotTests
{
    private const int Count = 90;
    private const int Dimension = 16;
    private const int RemovedEvery = 5;
    private static readonly float[][] Vectors = RandomVectors.Create(Count, Dimension, 1);

    public static TheoryData<int, string> Samples => new()
    {
        { 1, "none" },
        { 1, "sq7" },
        { 1, "sq7-s16" },
    };

    [Theory]
    [MemberData(nameof(Samples))]
    public void Open_SampleOfAFormatVersion_HoldsWhatWasWritten(int version, string name)
    {
        using HnswIndex index = HnswIndex.Open(Path.Combine(AppContext.BaseDirectory, "Samples", $"index-format-{version}", name));

        Assert.Equal(Count - (Count / RemovedEvery), index.Count);
        float[] vector = new float[Dimension];
        ScoredOrdinal[] hit = new ScoredOrdinal[1];
        for (int i = 0; i < Count; i++)
        {
            Assert.Equal(i % RemovedEvery != 0, index.TryGetVector(i, vector));
            if (i % RemovedEvery != 0)
            {
                Assert.All(vector.Zip(Vectors[i]), pair => Assert.Equal(pair.Second, pair.First, 1e-4f));
                index.SearchExact(Vectors[i], hit);
                Assert.Equal(i, hit[0].Ordinal);
                index.Search(Vectors[i], 40, hit);
                Assert.Equal(i, hit[0].Ordinal);
            }
        }
        index.Add(Vectors[0]);
        index.Search(Vectors[0], 40, hit);
        Assert.Equal(1, hit[0].Score, 1e-4f);
    }

    /// <summary>Writes the sample of the present version beside this file. To be run once, when the version is new.</summary>
    [Fact(Explicit = true)]
    public void WriteSample()
    {
        foreach (VectorQuantization quantization in Enum.GetValues<VectorQuantization>())
        {
            using HnswIndex index = new(new HnswParameters { Dimension = Dimension, M = 4, Quantization = quantization });
            foreach (float[] vector in Vectors)
            {
                index.Add(vector);
            }
            for (int i = 0; i < Count; i += RemovedEvery)
            {
                Assert.True(index.Remove(i));
            }
            index.Learn(Vectors[0], new LearningParameters { NeighborCount = 8, Ef = 40 });
            string name = quantization switch
            {
                VectorQuantization.None => "none",
                VectorQuantization.Sq7S16 => "sq7-s16",
                _ => "sq7",
            };
            using IndexSnapshot snapshot = index.BeginSnapshot();
            snapshot.Write(Path.Combine(SourceDirectory(), "..", "Samples", $"index-format-{IndexManifest.CurrentVersion}", name));
        }
    }

    private static string SourceDirectory([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
