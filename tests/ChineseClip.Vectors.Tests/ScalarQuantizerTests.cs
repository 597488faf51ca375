using ChineseClip.Vectors.Quantization;

namespace ChineseClip.Vectors.Tests;

public sealed class ScalarQuantizerTests
{
    private const int Dimension = 70;

    [Fact]
    public void Encode_VectorsAroundAMean_RanksAsTheScores()
    {
        float[][] vectors = Shifted(500, seed: 3);
        ScalarQuantizer quantizer = Fit(vectors);
        float[] query = RandomVectors.Create(1, Dimension, 4)[0];
        sbyte[] queryCodes = new sbyte[128];
        ScalarQuantizer.EncodeQuery(query, queryCodes);
        byte[] codes = new byte[128];
        (double Score, double Rank)[] pairs = Array.ConvertAll(vectors, vector =>
        {
            quantizer.Encode(vector, codes);
            return ((double)VectorMath.Dot(query, vector), (double)codes.Zip(queryCodes, (c, q) => c * q).Sum());
        });
        Assert.True(Correlation(pairs) > 0.999, $"correlation of ranks and scores is {Correlation(pairs)}");
    }

    [Fact]
    public void Encode_FittedData_ClipsLittleAndOtherDataMuch()
    {
        ScalarQuantizer quantizer = Fit(Shifted(500, seed: 5));
        byte[] codes = new byte[128];
        int own = Shifted(200, seed: 6).Sum(vector => quantizer.Encode(vector, codes));
        float[] far = new float[Dimension];
        far[0] = -1;
        Assert.True(own < 0.001 * 200 * Dimension, $"{own} elements clipped");
        Assert.True(quantizer.Encode(far, codes) > 0);
    }

    [Fact]
    public void EncodedQueryEqualsRoundedElementsAtEveryDimension()
    {
        for (int dimension = 1; dimension <= 300; dimension++)
        {
            float[] query = RandomVectors.Create(1, dimension, dimension)[0];
            float scale = 127 / query.Max(MathF.Abs);
            sbyte[] codes = new sbyte[320];
            ScalarQuantizer.EncodeQuery(query, codes);
            Assert.Equal(query.Select(element => (sbyte)MathF.Round(element * scale)), codes[..dimension]);
        }
    }

    [Fact]
    public void EncodeQuery_AnyLength_ReachesBothEndsAndClearsThePadding()
    {
        sbyte[] codes = new sbyte[64];
        Array.Fill(codes, (sbyte)9);
        ScalarQuantizer.EncodeQuery([0.25f, -0.5f, 0f, 0.5f], codes);
        Assert.Equal([64, -127, 0, 127, 0, 0], codes[..6]);
        Assert.All(codes[4..], code => Assert.Equal(0, code));
    }

    private static ScalarQuantizer Fit(float[][] vectors)
    {
        ScalarQuantizer.Trainer trainer = new(Dimension);
        foreach (float[] vector in vectors)
        {
            trainer.Add(vector);
        }
        return trainer.Train();
    }

    private static float[][] Shifted(int count, int seed)
    {
        float[][] vectors = RandomVectors.Create(count, Dimension, seed);
        foreach (float[] vector in vectors)
        {
            vector[0] += 2;
            VectorMath.Normalize(vector);
        }
        return vectors;
    }

    private static double Correlation((double X, double Y)[] pairs)
    {
        double x = pairs.Average(p => p.X);
        double y = pairs.Average(p => p.Y);
        double Moment(Func<(double X, double Y), double> f) => pairs.Average(f);
        return Moment(p => (p.X - x) * (p.Y - y)) / Math.Sqrt(Moment(p => (p.X - x) * (p.X - x)) * Moment(p => (p.Y - y) * (p.Y - y)));
    }
}
