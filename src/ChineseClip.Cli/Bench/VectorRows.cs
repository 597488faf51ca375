namespace ChineseClip.Cli.Bench;

/// <summary>Vectors of one length, or rows of ids, one after the other in one array.</summary>
/// <remarks>Shape: [Count, Dimension], row-major.</remarks>
internal sealed class VectorRows<T> where T : unmanaged
{
    private readonly T[] _elements;

    public VectorRows(T[] elements, int dimension)
    {
        _elements = elements;
        Dimension = dimension;
        Count = elements.Length / dimension;
    }

    public int Count { get; }

    public int Dimension { get; }

    public ReadOnlyMemory<T> All => _elements;

    public ReadOnlySpan<T> this[int row] => Row(row);

    public Span<T> Row(int row) => _elements.AsSpan(row * Dimension, Dimension);

    /// <summary>Fills rows that do not depend on each other on all cores.</summary>
    public static VectorRows<T> Create(int count, int dimension, Func<int, T[]> row)
    {
        VectorRows<T> rows = new(new T[checked(count * dimension)], dimension);
        Parallel.For(0, count, i => row(i).CopyTo(rows.Row(i)));
        return rows;
    }
}
