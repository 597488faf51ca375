using ChineseClip.Vectors.Graph;
using ChineseClip.Vectors.Kernels;
using ChineseClip.Vectors.Memory;
using ChineseClip.Vectors.Quantization;

namespace ChineseClip.Vectors.Tests;

public sealed class PrincipalSketchTests
{
    private const int Count = 2000;
    private const int Few = 12;

    /// <summary>What lies along fewer directions than a sketch has is all in it: estimates differ from ranks by the steps of levels only.</summary>
    [Theory]
    [InlineData(256)]
    [InlineData(300)]
    [InlineData(512)]
    [InlineData(768)]
    [InlineData(1024)]
    public void Estimates_VectorsAlongFewDirections_AreNearlyTheRanks(int dimension)
    {
        float[][] vectors = AlongFew(dimension, Count, noise: 0, seed: dimension);
        using CodeBook book = Encode(vectors);
        foreach (float[] query in AlongFew(dimension, 10, noise: 0, seed: 7))
        {
            (double[] ranks, double[] estimates) = Rank(book, query, Count);
            double deviation = Deviation(ranks);
            Assert.InRange(Deviation([.. ranks.Zip(estimates, (rank, estimate) => rank - estimate)]), 0, 0.15 * deviation);
            Assert.InRange(ranks.Average() - estimates.Average(), -0.1 * deviation, 0.1 * deviation);
        }
    }

    /// <summary>The directions are those of most variance: with as much spread evenly over all others, estimates hold what lies along them.</summary>
    [Fact]
    public void Estimates_WithNoiseInAllDirections_TellMoreThanAsManyOthersWould()
    {
        const int Dimension = 512;
        float[][] vectors = AlongFew(Dimension, Count, noise: 1, seed: 1);
        using CodeBook book = Encode(vectors);
        foreach (float[] query in AlongFew(Dimension, 10, noise: 1, seed: 2))
        {
            (double[] ranks, double[] estimates) = Rank(book, query, Count);
            double error = Deviation([.. ranks.Zip(estimates, (rank, estimate) => rank - estimate)]);
            Assert.InRange(error, 0, 0.5 * Deviation(ranks));
        }
    }

    [Fact]
    public void Estimates_AllVectorsTheSame_AreTheRankOfTheMean()
    {
        float[] same = RandomVectors.Create(1, 256, 1)[0];
        using CodeBook book = Encode([.. Enumerable.Repeat(same, 100)]);
        (double[] ranks, double[] estimates) = Rank(book, same, 100);
        Assert.All(estimates, estimate => Assert.Equal(ranks[0], estimate, Math.Abs(ranks[0]) * 0.01));
    }

    [Fact]
    public void FromArray_OfToArray_WritesTheSameSketches()
    {
        float[][] vectors = AlongFew(320, 500, noise: 1, seed: 3);
        ScalarQuantizer quantizer = QuantizerOf(vectors);
        PrincipalSketch fitted = PrincipalSketch.Fit(quantizer, vectors);
        Assert.Equal(PrincipalSketch.ArrayLength(320), fitted.ToArray().Length);
        PrincipalSketch restored = PrincipalSketch.FromArray(quantizer, fitted.ToArray());
        PrincipalSketch again = PrincipalSketch.Fit(quantizer, vectors);
        Assert.All(vectors, vector => Assert.Equal(SketchOf(fitted, quantizer, vector), SketchOf(restored, quantizer, vector)));
        Assert.All(vectors, vector => Assert.Equal(SketchOf(fitted, quantizer, vector), SketchOf(again, quantizer, vector)));
        Assert.NotEqual(SketchOf(fitted, quantizer, vectors[1]), SketchOf(fitted, quantizer, vectors[2]));
    }

    /// <summary>Of the nodes that belong above a limit nearly all are kept, of the others few.</summary>
    [Fact]
    public unsafe void Sieve_KeepsWhatBelongsAboveTheLimit()
    {
        const int Best = 100;
        float[][] vectors = AlongFew(512, Count, noise: 0.5f, seed: 5);
        using CodeBook book = Encode(vectors);
        using SearchContext context = new();
        int kept = 0;
        int missed = 0;
        float[][] queries = AlongFew(512, 20, noise: 0.5f, seed: 6);
        foreach (float[] query in queries)
        {
            CodeSpace codes = context.SetQuery(book, query);
            long[] keys = [.. Enumerable.Range(0, Count).Select(i => RankKey.Create(codes.Rank(i), i))];
            Sieve sieve = Sieve.Calibrate(context.OpenSketches(book, codes), keys.AsSpan(0, 64), context, Count);
            HashSet<int> best = [.. keys.Order().Take(Best).Select(RankKey.Ordinal)];
            int[] nodes = [.. Enumerable.Range(0, Count), .. new int[SketchKernel.RowsAtOnce]];
            fixed (int* first = nodes)
            {
                Assert.Equal(Count, sieve.Keep(first, Count, long.MaxValue));    // a pool that is not full
                Assert.Equal(Count, default(Sieve).Keep(first, Count, keys.Order().ElementAt(Best)));
                int count = sieve.Keep(first, Count, keys.Order().ElementAt(Best));
                kept += count;
                missed += best.Except(nodes[..count]).Count();
                Assert.Equal(nodes[..count].Order(), nodes[..count]);
            }
        }
        Assert.InRange(missed, 0, 0.15 * Best * queries.Length);
        Assert.InRange(kept, 0.85 * Best * queries.Length, 4 * Best * queries.Length);
    }

    /// <summary>The rows of a scan lie in several chunks of memory; fours of them lie on both sides of a border.</summary>
    [Fact]
    public unsafe void EstimateAscending_AcrossTheBorderOfChunks_AreThoseOfEstimate()
    {
        const int Border = (2 << 20) / SketchKernel.RowBytes;
        float[][] vectors = RandomVectors.Create(100, 256, 5);
        using CodeBook book = Encode(vectors);
        book.EnsureRows(Border + 100);
        int[] rows = [.. Enumerable.Range(0, 30), .. Enumerable.Range(Border - 33, 66), .. Enumerable.Range(Border + 70, 4)];
        for (int i = 0; i < rows.Length; i++)
        {
            book.Write(rows[i], vectors[i]);
        }
        using SearchContext context = new();
        SketchSpace sketches = context.OpenSketches(book, context.SetQuery(book, vectors[0]));
        int[] expected = new int[rows.Length + SketchKernel.RowsAtOnce];
        int[] estimates = new int[expected.Length];
        fixed (int* ordinals = (int[])[.. rows, .. new int[SketchKernel.RowsAtOnce]], first = expected, second = estimates)
        {
            sketches.Estimate(ordinals, first, rows.Length);
            sketches.EstimateAscending(ordinals, second, rows.Length);
        }
        Assert.Equal(expected.Take(rows.Length), estimates.Take(rows.Length));
        Assert.True(expected.Take(rows.Length).Distinct().Count() > rows.Length / 2);
    }

    private static unsafe byte[] SketchOf(PrincipalSketch sketch, ScalarQuantizer quantizer, float[] vector)
    {
        byte[] codes = new byte[CodeKernel.PaddedLength(vector.Length)];
        quantizer.Encode(vector, codes);
        byte[] row = new byte[SketchKernel.RowBytes];
        fixed (byte* from = codes, to = row)
        {
            sketch.Encode(from, to);
        }
        return row;
    }

    private static unsafe (double[] Ranks, double[] Estimates) Rank(CodeBook book, float[] query, int count)
    {
        using SearchContext context = new();
        CodeSpace codes = context.SetQuery(book, query);
        SketchSpace sketches = context.OpenSketches(book, codes);
        int[] ordinals = [.. Enumerable.Range(0, count), .. new int[SketchKernel.RowsAtOnce]];
        int[] estimates = new int[ordinals.Length];
        fixed (int* ordinal = ordinals, estimate = estimates)
        {
            sketches.Estimate(ordinal, estimate, count);
        }
        int[] again = new int[ordinals.Length];
        fixed (int* ordinal = ordinals, estimate = again)
        {
            sketches.EstimateAscending(ordinal, estimate, count);
        }
        Assert.Equal(estimates.Take(count), again.Take(count));
        return ([.. Enumerable.Range(0, count).Select(i => (double)codes.Rank(i))], [.. estimates.Take(count).Select(estimate => (double)estimate)]);
    }

    private static CodeBook Encode(float[][] vectors)
    {
        ScalarQuantizer quantizer = QuantizerOf(vectors);
        CodeBook book = new(quantizer, CodeBook.FitSketch(quantizer, vectors), vectors[0].Length, new WriteClock());
        book.EnsureRows(vectors.Length);
        for (int i = 0; i < vectors.Length; i++)
        {
            book.Write(i, vectors[i]);
        }
        return book;
    }

    private static ScalarQuantizer QuantizerOf(float[][] vectors)
    {
        ScalarQuantizer.Trainer trainer = new(vectors[0].Length);
        foreach (float[] vector in vectors)
        {
            trainer.Add(vector);
        }
        return trainer.Train();
    }

    // Half of a vector is shared by all, the rest lies along few directions, and, with noise, as much along all.
    private static float[][] AlongFew(int dimension, int count, float noise, int seed)
    {
        float[] shared = RandomVectors.Create(1, dimension, 99)[0];
        float[][] directions = RandomVectors.Create(Few, dimension, 98);
        float[][] along = RandomVectors.Create(count, Few, seed);
        float[][] others = RandomVectors.Create(count, dimension, seed + 1);
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            float[] vector = [.. shared];
            for (int d = 0; d < dimension; d++)
            {
                vector[d] += noise * others[i][d];
                for (int few = 0; few < Few; few++)
                {
                    vector[d] += along[i][few] * directions[few][d];
                }
            }
            VectorMath.Normalize(vector);
            return vector;
        })];
    }

    private static double Deviation(double[] values)
    {
        double mean = values.Average();
        return Math.Sqrt(values.Average(value => (value - mean) * (value - mean)));
    }
}
