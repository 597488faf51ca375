namespace ChineseClip.Model.Checkpoints;

/// <summary>One tensor of a checkpoint, wherever and however it is stored; read when asked for.</summary>
internal abstract class CheckpointTensor(string name, TensorType type, IReadOnlyList<int> shape)
{
    public string Name { get; } = name;

    public TensorType Type { get; } = type;

    public IReadOnlyList<int> Shape { get; } = shape;

    public int Count { get; } = checked((int)TensorShape.Count(shape));

    /// <summary>Writes all elements, row-major, as float32 (exact for every type but Int64).</summary>
    /// <param name="destination">Exactly <see cref="Count"/> elements.</param>
    public abstract void CopyTo(Span<float> destination);

    public virtual float[] ToArray()
    {
        float[] values = GC.AllocateUninitializedArray<float>(Count);
        CopyTo(values);
        return values;
    }
}
