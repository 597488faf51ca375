namespace ChineseClip.Vectors;

/// <summary>The most recent queries: each is handed out once to be learned from, and all again when that is to be repeated.</summary>
/// <remarks>Threads: safe; the lock is held for one copy of a vector.  Ownership: queries are copied in and out.</remarks>
public sealed class QueryRing
{
    private readonly Lock _lock = new();
    private readonly float[] _queries;
    private readonly int _dimension;
    private readonly int _capacity;

    // Numbers of queries since the beginning: the next to be added, and the next to be taken.
    private long _added;
    private long _taken;

    public QueryRing(int dimension, int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dimension);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        _dimension = dimension;
        _capacity = capacity;
        _queries = new float[checked(dimension * capacity)];
    }

    /// <summary>Queries that wait to be taken.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return (int)(_added - NextToTake);
            }
        }
    }

    private long Oldest => Math.Max(0, _added - _capacity);

    private long NextToTake => Math.Max(_taken, Oldest);

    /// <summary>Remembers a query; when the ring is full the oldest makes room.</summary>
    public void Add(ReadOnlySpan<float> query)
    {
        ThrowIfWrongLength(query.Length, nameof(query));
        lock (_lock)
        {
            query.CopyTo(Slot(_added++));
        }
    }

    /// <summary>Copies the oldest query out that waits, and remembers it; false when none waits.</summary>
    public bool TryTake(Span<float> destination)
    {
        ThrowIfWrongLength(destination.Length, nameof(destination));
        lock (_lock)
        {
            if (NextToTake == _added)
            {
                return false;
            }
            Slot(NextToTake).CopyTo(destination);
            _taken = NextToTake + 1;
            return true;
        }
    }

    /// <summary>Lets every query that is remembered wait again.</summary>
    public void Rewind()
    {
        lock (_lock)
        {
            _taken = Oldest;
        }
    }

    private Span<float> Slot(long number) => _queries.AsSpan((int)(number % _capacity) * _dimension, _dimension);

    private void ThrowIfWrongLength(int length, string name)
    {
        if (length != _dimension)
        {
            throw new ArgumentException($"{name} has {length} elements; must have {_dimension}.", name);
        }
    }
}
