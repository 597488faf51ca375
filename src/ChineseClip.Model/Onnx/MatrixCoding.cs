using System.Numerics.Tensors;
using ChineseClip.Model.Checkpoints;

namespace ChineseClip.Model.Onnx;

/// <summary>Turns a checkpoint's matrix, [outputs, inputs] row-major, into the forms a graph multiplies by: [inputs, outputs].</summary>
internal static class MatrixCoding
{
    /// <summary>The code of zero.</summary>
    public const byte UInt8Zero = 128;

    private const int Int8Limit = 127;

    /// <summary>Rounds to float16; a number beyond its range becomes an infinity.</summary>
    public static Half[] ToHalf(float[] values)
    {
        Half[] halves = GC.AllocateUninitializedArray<Half>(values.Length);
        TensorPrimitives.ConvertToHalf(values, halves);
        return halves;
    }

    /// <summary>The scale of each output: its largest magnitude over 127; 1 for an output of zeros.</summary>
    public static float[] Int8Scales(float[] matrix, int outputs, int inputs)
    {
        float[] scales = new float[outputs];
        for (int row = 0; row < outputs; row++)
        {
            float largest = 0;
            foreach (float value in matrix.AsSpan(row * inputs, inputs))
            {
                largest = Math.Max(largest, Math.Abs(value));
            }

            scales[row] = largest == 0 ? 1 : largest / Int8Limit;
        }

        return scales;
    }

    /// <summary>Codes of the transposed matrix: <see cref="UInt8Zero"/> + round(value / scale of its output), within ±127.</summary>
    /// <remarks>
    /// Unsigned, because a processor with AVX2 but without VNNI adds two products of unsigned and signed bytes in 16 bits that saturate: ONNX
    /// Runtime then loses much of them. Unsigned with unsigned it multiplies in more bits there.
    /// </remarks>
    public static byte[] ToUInt8(float[] matrix, float[] scales, int inputs)
    {
        int outputs = scales.Length;
        float[] transposed = MatrixLayout.Transpose(matrix, outputs, inputs);
        byte[] codes = GC.AllocateUninitializedArray<byte>(matrix.Length);
        for (int i = 0; i < codes.Length; i++)
        {
            float code = MathF.Round(transposed[i] / scales[i % outputs], MidpointRounding.ToEven);
            codes[i] = (byte)(UInt8Zero + Math.Clamp(code, -Int8Limit, Int8Limit));
        }

        return codes;
    }
}
