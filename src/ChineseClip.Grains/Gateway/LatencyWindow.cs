namespace ChineseClip.Grains.Gateway;

/// <summary>The 95th percentile of the last answers' times, between 5 and 500 ms; 50 ms before there are enough.</summary>
/// <remarks>Threads: safe.  Cost: a sort of 256 numbers for every 64 answers.</remarks>
internal sealed class LatencyWindow
{
    private const int Capacity = 256;
    private const int Refresh = 64;
    private static readonly TimeSpan AtFirst = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Most = TimeSpan.FromMilliseconds(500);

    private readonly Lock _lock = new();
    private readonly long[] _ticks = new long[Capacity];
    private long _count;
    private long _percentile = AtFirst.Ticks;

    public TimeSpan Percentile95 => TimeSpan.FromTicks(Interlocked.Read(ref _percentile));

    public void Add(TimeSpan latency)
    {
        lock (_lock)
        {
            _ticks[_count++ % Capacity] = latency.Ticks;
            if (_count % Refresh == 0)
            {
                long[] sorted = _ticks[..(int)Math.Min(_count, Capacity)];
                Array.Sort(sorted);
                Interlocked.Exchange(
                    ref _percentile, Math.Clamp(sorted[sorted.Length * 95 / 100], Least.Ticks, Most.Ticks));
            }
        }
    }
}
