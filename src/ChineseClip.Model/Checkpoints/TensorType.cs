namespace ChineseClip.Model.Checkpoints;

/// <summary>The element types that checkpoints of this model hold.</summary>
internal enum TensorType
{
    Float32,
    Float16,
    BFloat16,
    Int64,
}

internal static class TensorTypes
{
    public static int ElementBytes(this TensorType type) => type switch
    {
        TensorType.Float32 => 4,
        TensorType.Float16 or TensorType.BFloat16 => 2,
        TensorType.Int64 => 8,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "unknown element type"),
    };
}
