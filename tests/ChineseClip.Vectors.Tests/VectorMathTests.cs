using System.Runtime.Intrinsics;
using ChineseClip.Vectors.Kernels;

namespace ChineseClip.Vectors.Tests;

public sealed unsafe class VectorMathTests
{
    [Fact]
    public void EveryFloatKernelEqualsScalarAtEveryDimension()
    {
        for (int dimension = 1; dimension <= 300; dimension++)
        {
            float[] left = RandomVectors.Create(1, dimension, dimension)[0];
            float[] right = RandomVectors.Create(1, dimension, -dimension)[0];
            fixed (float* a = left, b = right)
            {
                double expected = 0;
                for (int i = 0; i < dimension; i++)
                {
                    expected += (double)a[i] * b[i];
                }
                Assert.Equal(expected, FloatKernel.DotScalar(a, b, dimension), 1e-6);
                Assert.Equal(expected, FloatKernel.Dot512(a, b, dimension), 1e-6);
                Assert.Equal(expected, FloatKernel.Dot256(a, b, dimension), 1e-6);
                Assert.Equal(expected, FloatKernel.Dot128(a, b, dimension), 1e-6);
                Assert.Equal(expected, FloatKernel.Dot(a, b, dimension), 1e-6);
            }
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

    [Fact]
    public void Kernel_ThisMachine_UsesTheWidestVectors() =>
        Assert.True(Vector512.IsHardwareAccelerated || Vector256.IsHardwareAccelerated || Vector128.IsHardwareAccelerated);
}
