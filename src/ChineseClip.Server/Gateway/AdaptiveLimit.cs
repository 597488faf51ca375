namespace ChineseClip.Server.Gateway;

// How it works. Searches are let in up to the limit; each one that ends says whether it was late. Every tenth of a second:
//   more than a fifth were late                 the limit goes down by a quarter
//   in time, and the limit has been reached     the limit goes up by an eighth
// and then only those are asked that were let in since: the others show what the limit before was worth.
// What is let in beyond the capacity only waits; so the limit settles where answers still come in time, and the rest is refused at
// once, which costs next to nothing. This is the additive/multiplicative law of congestion control, with lateness as the signal.

/// <summary>Lets in as many at once as are answered in time.</summary>
/// <remarks>Threads: safe.</remarks>
internal sealed class AdaptiveLimit
{
    private const int FewestJudged = 10;
    private const double TolerableLateShare = 0.2;
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestWindow = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time;
    private readonly int _floor;
    private readonly int _ceiling;
    private readonly Lock _lock = new();
    private int _limit;
    private int _inFlight;
    private bool _wasReached;
    private int _judged;
    private int _late;
    private long _windowStart;
    private long _lastChange;

    public AdaptiveLimit(int floor, int ceiling, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(floor, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(ceiling, 1);
        _time = time;
        _floor = Math.Min(floor, ceiling);
        _ceiling = ceiling;
        _limit = Math.Min(ceiling, 4 * floor);
        _windowStart = time.GetTimestamp();
        _lastChange = long.MinValue;
    }

    /// <summary>How many may be at work now.</summary>
    public int Current => Volatile.Read(ref _limit);

    /// <summary>How many are at work.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Lets one more in, or refuses it.</summary>
    public bool TryEnter()
    {
        lock (_lock)
        {
            if (_inFlight >= _limit)
            {
                _wasReached = true;
                return false;
            }

            _inFlight++;
            return true;
        }
    }

    /// <summary>One is done.</summary>
    /// <param name="enteredAt">Its timestamp when it was let in.</param>
    /// <param name="isLate">Whether it took too long; null when its time tells nothing.</param>
    public void Leave(long enteredAt, bool? isLate)
    {
        lock (_lock)
        {
            _inFlight--;
            if (isLate is { } late && enteredAt >= _lastChange)
            {
                _judged++;
                _late += late ? 1 : 0;
                Adapt();
            }
        }
    }

    private void Adapt()
    {
        TimeSpan elapsed = _time.GetElapsedTime(_windowStart);
        if (elapsed < Window || (_judged < FewestJudged && elapsed < LongestWindow))
        {
            return;
        }

        if (_late > TolerableLateShare * _judged)
        {
            Change(Math.Max(_floor, _limit - Math.Max(1, _limit / 4)));
        }
        else if (_wasReached)
        {
            Change(Math.Min(_ceiling, _limit + Math.Max(1, _limit / 8)));
        }

        _judged = 0;
        _late = 0;
        _wasReached = false;
        _windowStart = _time.GetTimestamp();
    }

    private void Change(int limit)
    {
        Volatile.Write(ref _limit, limit);
        _lastChange = _time.GetTimestamp();
    }
}
