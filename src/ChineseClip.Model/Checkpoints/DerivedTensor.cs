namespace ChineseClip.Model.Checkpoints;

/// <summary>A tensor computed from another when it is read.</summary>
internal sealed class DerivedTensor : CheckpointTensor
{
    private readonly Func<float[]> _read;

    private DerivedTensor(string name, TensorType type, IReadOnlyList<int> shape, Func<float[]> read)
        : base(name, type, shape) => _read = read;

    /// <summary>The same under another name.</summary>
    public static DerivedTensor Renamed(CheckpointTensor source, string name) =>
        new(name, source.Type, source.Shape, source.ToArray);

    /// <summary>The same name with other numbers.</summary>
    public static DerivedTensor Computed(CheckpointTensor source, IReadOnlyList<int> shape, Func<float[]> read) =>
        new(source.Name, source.Type, shape, read);

    /// <summary>A matrix with rows and columns exchanged.</summary>
    public static DerivedTensor Transposed(CheckpointTensor source, string name, string file)
    {
        if (source.Shape.Count != 2)
        {
            throw Misshapen(source, file, "a matrix");
        }

        int rows = source.Shape[0];
        int columns = source.Shape[1];
        return new DerivedTensor(name, source.Type, [columns, rows], () => MatrixLayout.Transpose(source.ToArray(), rows, columns));
    }

    /// <summary>One of three equal parts along the first dimension.</summary>
    public static DerivedTensor Third(CheckpointTensor source, string name, int part, string file)
    {
        if (source.Shape.Count == 0 || source.Shape[0] % 3 != 0)
        {
            throw Misshapen(source, file, "three equal parts stacked");
        }

        int count = source.Count / 3;
        int[] shape = [source.Shape[0] / 3, .. source.Shape.Skip(1)];
        return new DerivedTensor(name, source.Type, shape, () => source.ToArray()[(part * count)..((part + 1) * count)]);
    }

    public override float[] ToArray() => _read();

    public override void CopyTo(Span<float> destination) => _read().CopyTo(destination);

    private static ModelFormatException Misshapen(CheckpointTensor source, string file, string expected) =>
        new(file, $"tensor \"{source.Name}\" has shape {TensorShape.Show(source.Shape)}; expected {expected}");
}
