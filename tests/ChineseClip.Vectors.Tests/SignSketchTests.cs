using ChineseClip.Vectors.Graph;
using ChineseClip.Vectors.Kernels;
using ChineseClip.Vectors.Memory;
using ChineseClip.Vectors.Quantization;

namespace ChineseClip.Vectors.Tests;

public sealed class SignSketchTests
{
    private const int Count = 2000;

    /// <summary>The estimates are those of the ranks of codes: unbiased, and as far off as the sketch says.</summary>
    [Theory]
    [InlineData(256)]
    [InlineData(300)]
    [InlineData(512)]
    [InlineData(768)]
    [InlineData(1024)]
    public unsafe void Estimates_VectorsAroundAMean_LieAroundTheRanksAsFarAsStated(int dimension)
    {
        float[][] vectors = AroundAMean(dimension, Count, seed: dimension);
        using CodeBook book = Encode(vectors);
        using SearchContext context = new();
        double sum = 0;
        double squares = 0;
        int queryCount = 20;
        foreach (float[] query in AroundAMean(dimension, queryCount / 2, seed: 7).Concat(RandomVectors.Create(queryCount / 2, dimension, 8)))
        {
            CodeSpace codes = context.SetQuery(book, query);
            SketchSpace sketches = context.SetQuery(book, codes, query);
            int[] ordinals = [.. Enumerable.Range(0, Count)];
            int[] ranks = new int[Count];
            uint[] numbers = new uint[Count];
            fixed (int* ordinal = ordinals, rank = ranks)
            fixed (uint* number = numbers)
            {
                sketches.Estimate(ordinal, rank, number, Count);
            }
            for (int i = 0; i < Count; i++)
            {
                double error = (ranks[i] - codes.Rank(i)) / (double)sketches.Deviation;
                sum += error;
                squares += error * error;
            }
        }
        double mean = sum / (Count * queryCount);
        double deviation = Math.Sqrt((squares / (Count * queryCount)) - (mean * mean));
        Assert.InRange(mean, -0.1, 0.1);
        Assert.InRange(deviation, 0.85, 1.15);
    }

    [Fact]
    public unsafe void Estimates_DegenerateVectors_AreFinite()
    {
        const int Dimension = 256;
        float[] same = RandomVectors.Create(1, Dimension, 1)[0];
        float[] oneHot = new float[Dimension];
        oneHot[0] = 1;
        float[][] vectors = [.. Enumerable.Repeat(same, 100), oneHot, [.. oneHot.Select(element => -element)]];
        using CodeBook book = Encode(vectors);
        using SearchContext context = new();
        foreach (float[] query in vectors[^3..])
        {
            CodeSpace codes = context.SetQuery(book, query);
            SketchSpace sketches = context.SetQuery(book, codes, query);
            int[] ranks = new int[vectors.Length + 8];
            uint[] numbers = new uint[ranks.Length];
            int[] ordinals = [.. Enumerable.Range(0, vectors.Length)];
            fixed (int* ordinal = ordinals, rank = ranks)
            fixed (uint* number = numbers)
            {
                sketches.Estimate(ordinal, rank, number, vectors.Length);
            }
            int best = Array.IndexOf(ranks, ranks[..vectors.Length].Max());
            Assert.Equal(1, VectorMath.Dot(query, vectors[best]), 1e-3f);
        }
    }

    [Fact]
    public unsafe void Encode_TheSameVectorTwice_GivesTheSameBytes()
    {
        float[] mean = AroundAMean(512, 1, seed: 2)[0];
        float[] vector = AroundAMean(512, 1, seed: 3)[0];
        byte[] first = new byte[SketchKernel.RowBytes];
        byte[] second = new byte[SketchKernel.RowBytes];
        foreach (byte[] row in new[] { first, second })
        {
            SignSketch sketch = new(mean);
            fixed (byte* bytes = row)
            {
                sketch.Encode(vector, bytes, new float[sketch.WorkLength]);
            }
        }
        Assert.Equal(first, second);
        Assert.Contains(first[..28], signs => signs != 0);
    }

    private static CodeBook Encode(float[][] vectors)
    {
        ScalarQuantizer.Trainer trainer = new(vectors[0].Length);
        foreach (float[] vector in vectors)
        {
            trainer.Add(vector);
        }
        CodeBook book = new(trainer.Train(), vectors[0].Length, new WriteClock());
        book.EnsureRows(vectors.Length);
        for (int i = 0; i < vectors.Length; i++)
        {
            book.Write(i, vectors[i]);
        }
        return book;
    }

    // Half of a vector is shared by all, as it is with embeddings of pictures.
    private static float[][] AroundAMean(int dimension, int count, int seed)
    {
        float[] shared = RandomVectors.Create(1, dimension, 99)[0];
        return [.. RandomVectors.Create(count, dimension, seed).Select(own =>
        {
            float[] vector = [.. own.Zip(shared, (o, s) => (0.7f * o) + (0.7f * s))];
            VectorMath.Normalize(vector);
            return vector;
        })];
    }
}
