namespace ChineseClip.Vectors.Graph;

/// <summary>Hands out search contexts and knows which readers are under way, so that a slot is reused only when none can see it.</summary>
/// <remarks>
/// Protocol (epoch-based reclamation): a reader notes the current epoch, fences, then reads the graph. The writer first removes all
/// edges to a slot, then advances the epoch, then waits (by coming back later) until no reader of an earlier epoch is active.
/// A reader whose note the writer did not see fences after the writer's advance, so it sees the graph without those edges.
/// </remarks>
internal sealed class ReaderEpochs : IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<SearchContext> _all = [];
    private readonly SearchContext?[] _idle = new SearchContext?[Math.Max(16, Environment.ProcessorCount * 2)];
    private long _epoch = 1;
    private volatile bool _disposed;

    public SearchContext Enter()
    {
        SearchContext context = TakeIdle() ?? CreateContext();
        context.Enter(Volatile.Read(ref _epoch));
        if (_disposed)
        {
            Leave(context);
            throw new ObjectDisposedException(nameof(HnswIndex));
        }
        return context;
    }

    public void Leave(SearchContext context)
    {
        context.Leave();
        for (int i = 0; i < _idle.Length; i++)
        {
            if (_idle[i] is null && Interlocked.CompareExchange(ref _idle[i], context, null) is null)
            {
                return;
            }
        }
        lock (_lock)
        {
            _all.Remove(context);
        }
        context.Dispose();
    }

    /// <summary>Starts a new epoch: readers that begin from now on see what was written before.</summary>
    public long Advance() => Interlocked.Increment(ref _epoch);

    /// <summary>True when every reader under way began in <paramref name="epoch"/> or later.</summary>
    public bool HasPassed(long epoch)
    {
        lock (_lock)
        {
            foreach (SearchContext context in _all)
            {
                long active = context.ActiveEpoch;
                if (active != 0 && active < epoch)
                {
                    return false;
                }
            }
            return true;
        }
    }

    /// <summary>Refuses new readers and waits for those under way; a search ends within milliseconds.</summary>
    public void Dispose()
    {
        _disposed = true;
        long last = Advance();
        SpinWait wait = default;
        while (!HasPassed(last))
        {
            wait.SpinOnce();
        }
        for (int i = 0; i < _idle.Length; i++)
        {
            Interlocked.Exchange(ref _idle[i], null)?.Dispose();
        }
    }

    private SearchContext? TakeIdle()
    {
        for (int i = 0; i < _idle.Length; i++)
        {
            if (_idle[i] is not null && Interlocked.Exchange(ref _idle[i], null) is { } context)
            {
                return context;
            }
        }
        return null;
    }

    private SearchContext CreateContext()
    {
        SearchContext context = new();
        lock (_lock)
        {
            _all.Add(context);
        }
        return context;
    }
}
