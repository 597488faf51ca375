using ChineseClip.Vectors.Kernels;

namespace ChineseClip.Vectors.Tests;

public sealed unsafe class VectorMathTests
{
    [Fact]
    public void EveryFloatKernelEqualsExactSumAtEveryDimensionOnRandomAndExtremeInputs()
    {
        for (int dimension = 1; dimension <= 300; dimension++)
        {
            float[] random = RandomVectors.Create(1, dimension, dimension)[0];
            float[] alternating = [.. Enumerable.Range(0, dimension).Select(i => i % 2 == 0 ? 1e18f : -1e18f)];
            float[] tiny = [.. Enumerable.Repeat(float.Epsilon * 8, dimension)];
            float[] last = new float[dimension];
            last[^1] = -1;
            AssertExact(random, RandomVectors.Create(1, dimension, -dimension)[0]);
            AssertExact(random, last);
            AssertExact(alternating, random);
            AssertExact(alternating, alternating);
            AssertExact(tiny, alternating);
        }
    }

    private static void AssertExact(float[] left, float[] right)
    {
        double expected = 0;
        double magnitude = 0;
        for (int i = 0; i < left.Length; i++)
        {
            expected += (double)left[i] * right[i];
            magnitude += Math.Abs((double)left[i] * right[i]);
        }
        double bound = 1e-6 * magnitude;
        fixed (float* a = left, b = right)
        {
            Assert.Equal(expected, FloatKernel.DotScalar(a, b, left.Length), bound * 10);
            Assert.Equal(expected, FloatKernel.Dot512(a, b, left.Length), bound);
            Assert.Equal(expected, FloatKernel.Dot256(a, b, left.Length), bound);
            Assert.Equal(expected, FloatKernel.Dot128(a, b, left.Length), bound);
            Assert.Equal(expected, FloatKernel.Dot(a, b, left.Length), bound * 10);
        }
    }

    [Fact]
    public void Normalize_AnyScale_GivesUnitLength()
    {
        foreach (float scale in new[] { 1e-15f, 1f, 1e15f })
        {
            float[] vector = Array.ConvertAll(RandomVectors.Create(1, 77, 3)[0], x => x * scale);
            VectorMath.Normalize(vector);
            Assert.Equal(1, VectorMath.Norm(vector), 1e-5);
        }
    }

    [Fact]
    public void Normalize_ZeroOrNotFinite_Refuses()
    {
        Assert.Throws<ArgumentException>(() => VectorMath.Normalize(new float[4]));
        Assert.Throws<ArgumentException>(() => VectorMath.Normalize([1, float.NaN]));
        Assert.Throws<ArgumentException>(() => VectorMath.Normalize([1, float.PositiveInfinity]));
    }

    [Fact]
    public void ThrowIfNotUnit_WrongInput_NamesValueAndBound()
    {
        float[] query = [0.6f, 0.8f];
        VectorMath.ThrowIfNotUnit(query, 2);
        Assert.Contains("query has 2 elements; must have 3", Message(query, 3), StringComparison.Ordinal);
        query = [1, float.NaN];
        Assert.Contains("query[1] is NaN; must be finite", Message(query, 2), StringComparison.Ordinal);
        query = [1, 1];
        Assert.Contains("query has length 1.414", Message(query, 2), StringComparison.Ordinal);
        Assert.Contains("must be 1 within 0.001", Message(query, 2), StringComparison.Ordinal);

        static string Message(float[] query, int dimension) =>
            Assert.Throws<ArgumentException>(() => VectorMath.ThrowIfNotUnit(query, dimension)).Message;
    }
}
