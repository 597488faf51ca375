using ChineseClip.Vectors;

namespace ChineseClip.Grains.Shards;

/// <summary>Vectors that are not in the graph yet; a search compares each of them.</summary>
/// <remarks>Threads: one writer, or many readers.  Order of rows: as they were added.</remarks>
internal sealed class FreshRows(int dimension)
{
    private const int RowsPerChunk = 256;

    private readonly List<float[]?> _chunks = [];
    private readonly List<ShardEntry?> _owners = [];
    private int _first;

    /// <summary>Rows that have an owner.</summary>
    public int Count { get; private set; }

    public long MemoryBytes => (long)Count * dimension * sizeof(float);

    public int Add(ReadOnlySpan<float> vector)
    {
        int row = _owners.Count;
        if (row / RowsPerChunk == _chunks.Count)
        {
            _chunks.Add(new float[RowsPerChunk * dimension]);
        }

        _owners.Add(null);
        vector.CopyTo(_chunks[^1].AsSpan(row % RowsPerChunk * dimension, dimension));
        return row;
    }

    public void Own(int row, ShardEntry owner)
    {
        _owners[row] = owner;
        Count++;
    }

    public void Remove(int row)
    {
        _owners[row] = null;
        Count--;
        while (_first < _owners.Count && _owners[_first] is null)
        {
            if (++_first % RowsPerChunk == 0)
            {
                _chunks[(_first / RowsPerChunk) - 1] = null;
            }
        }

        if (Count == 0)
        {
            _owners.Clear();
            _chunks.Clear();
            _first = 0;
        }
    }

    public ReadOnlySpan<float> Vector(int row) => _chunks[row / RowsPerChunk].AsSpan(row % RowsPerChunk * dimension, dimension);

    /// <summary>The first owners, at most so many.</summary>
    public ShardEntry[] First(int count) => [.. _owners.Skip(_first).OfType<ShardEntry>().Take(count)];

    /// <summary>The best entries by comparing every row; in no order.</summary>
    /// <param name="query">A unit vector.</param>
    /// <param name="count">How many at most.</param>
    /// <param name="slots">The slots that may be found; null for all.</param>
    /// <param name="cancellationToken">Ends the scan.</param>
    public List<(ShardEntry Entry, float Score)> Scan(
        ReadOnlySpan<float> query, int count, OrdinalSet? slots, CancellationToken cancellationToken)
    {
        PriorityQueue<ShardEntry, float> best = new(Math.Min(count, Count) + 1);
        for (int row = _first; row < _owners.Count; row++)
        {
            if (row % RowsPerChunk == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            if (_owners[row] is not { } owner || (slots is not null && !slots.Contains(owner.Slot)))
            {
                continue;
            }

            float score = VectorMath.Dot(query, Vector(row));
            if (best.Count < count)
            {
                best.Enqueue(owner, score);
            }
            else
            {
                best.EnqueueDequeue(owner, score);
            }
        }

        return [.. best.UnorderedItems];
    }
}
