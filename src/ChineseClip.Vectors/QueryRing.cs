namespace ChineseClip.Vectors;

/// <summary>The most recent queries, waiting to be learned from; when full the oldest make room.</summary>
/// <remarks>Threads: safe; the lock is held for one copy of a vector.  Ownership: queries are copied in and out.</remarks>
public sealed class QueryRing
{
    private readonly Lock _lock = new();
    private readonly float[] _queries;
    private readonly int _dimension;
    private readonly int _capacity;
    private int _oldest;
    private int _count;

    public QueryRing(int dimension, int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dimension);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        _dimension = dimension;
        _capacity = capacity;
        _queries = new float[checked(dimension * capacity)];
    }

    /// <summary>Queries that wait.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _count;
            }
        }
    }

    public void Add(ReadOnlySpan<float> query)
    {
        ThrowIfWrongLength(query.Length, nameof(query));
        lock (_lock)
        {
            query.CopyTo(Slot((_oldest + _count) % _capacity));
            if (_count < _capacity)
            {
                _count++;
            }
            else
            {
                _oldest = (_oldest + 1) % _capacity;
            }
        }
    }

    /// <summary>Takes the oldest query out; false when none waits.</summary>
    public bool TryTake(Span<float> destination)
    {
        ThrowIfWrongLength(destination.Length, nameof(destination));
        lock (_lock)
        {
            if (_count == 0)
            {
                return false;
            }
            Slot(_oldest).CopyTo(destination);
            _oldest = (_oldest + 1) % _capacity;
            _count--;
            return true;
        }
    }

    private Span<float> Slot(int index) => _queries.AsSpan(index * _dimension, _dimension);

    private void ThrowIfWrongLength(int length, string name)
    {
        if (length != _dimension)
        {
            throw new ArgumentException($"{name} has {length} elements; must have {_dimension}.", name);
        }
    }
}
