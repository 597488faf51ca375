using System.Runtime.CompilerServices;
using ChineseClip.Vectors.Kernels;

namespace ChineseClip.Vectors;

/// <summary>The arithmetic of unit vectors, and the checks at public entries.</summary>
public static class VectorMath
{
    /// <summary>How far from 1 the length of a unit vector may be.</summary>
    public const float UnitTolerance = 1e-3f;

    /// <summary>Dot product; the cosine of two unit vectors.</summary>
    public static unsafe float Dot(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        if (left.Length != right.Length)
        {
            throw new ArgumentException($"right has {right.Length} elements; must have {left.Length} as left.", nameof(right));
        }
        fixed (float* a = left, b = right)
        {
            return FloatKernel.Dot(a, b, left.Length);
        }
    }

    /// <summary>Euclidean length.</summary>
    public static float Norm(ReadOnlySpan<float> vector) => MathF.Sqrt(Dot(vector, vector));

    /// <summary>Scales a vector to length 1.</summary>
    /// <exception cref="ArgumentException">The vector is zero or has an element that is not finite.</exception>
    public static void Normalize(Span<float> vector)
    {
        double sum = 0;
        foreach (float element in vector)
        {
            sum += (double)element * element;
        }
        if (!double.IsFinite(sum) || sum == 0)
        {
            throw new ArgumentException($"vector has length {Math.Sqrt(sum)}; must be finite and above 0.", nameof(vector));
        }
        double scale = 1 / Math.Sqrt(sum);
        for (int i = 0; i < vector.Length; i++)
        {
            vector[i] = (float)(vector[i] * scale);
        }
    }

    public static bool IsFinite(ReadOnlySpan<float> vector)
    {
        foreach (float element in vector)
        {
            if (!float.IsFinite(element))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>Refuses what is not a unit vector of the given dimension.</summary>
    public static void ThrowIfNotUnit(
        ReadOnlySpan<float> vector, int dimension, [CallerArgumentExpression(nameof(vector))] string name = "")
    {
        if (vector.Length != dimension)
        {
            throw new ArgumentException($"{name} has {vector.Length} elements; must have {dimension}.", name);
        }
        float norm = Norm(vector);    // not finite when an element is not
        if (MathF.Abs(norm - 1) <= UnitTolerance)
        {
            return;
        }
        for (int i = 0; i < vector.Length; i++)
        {
            if (!float.IsFinite(vector[i]))
            {
                throw new ArgumentException($"{name}[{i}] is {vector[i]}; must be finite.", name);
            }
        }
        throw new ArgumentException($"{name} has length {norm}; must be 1 within {UnitTolerance}.", name);
    }
}
