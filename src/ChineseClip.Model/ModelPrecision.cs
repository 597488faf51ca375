namespace ChineseClip.Model;

/// <summary>How a package keeps and multiplies its matrices. Everything between them stays float32.</summary>
public enum ModelPrecision
{
    /// <summary>float32 throughout: equal to the reference within rounding.</summary>
    Fp32,

    /// <summary>Matrices and their inputs in float16: half the size, for accelerators.</summary>
    Fp16,

    /// <summary>8-bit matrices with a scale for each output, inputs quantized as they come: the fastest on a CPU.</summary>
    Int8,
}
