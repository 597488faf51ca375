namespace ChineseClip.Server.Gateway;

// Why. A caller that keeps its connection and is refused sends its next request at once: a thousand of them keep a processor busy with
// refusing. Who is held for a moment does not, and loses nothing: Retry-After asks for a second. The moment counts from when the request
// came: one that has waited for its turn has had it already, and a caller who gives up for a refusal that comes late connects anew, which
// costs more than the refusal.

/// <summary>Says when a refusal is sent: at once, or a moment after its request came when there are many.</summary>
/// <remarks>Threads: safe.</remarks>
internal sealed class RefusalPace(TimeProvider time)
{
    private const int AtOnceEachWindowAndProcessor = 50;
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Hold = TimeSpan.FromMilliseconds(300);

    /// <summary>Those that are due within so short a time are sent together: one timer for all of them.</summary>
    private static readonly TimeSpan SentTogether = TimeSpan.FromMilliseconds(10);

    private readonly int _atOnce = AtOnceEachWindowAndProcessor * Environment.ProcessorCount;
    private readonly Lock _lock = new();
    private readonly (long Slot, Task Sent)[] _held = new (long, Task)[(int)(Hold / SentTogether) + 2];
    private readonly long _start = time.GetTimestamp();
    private long _windowStart = time.GetTimestamp();
    private int _count;

    /// <summary>To be awaited before the refusal of what came at <paramref name="arrivedAt"/> is sent.</summary>
    public Task Next(long arrivedAt)
    {
        lock (_lock)
        {
            long now = time.GetTimestamp();
            if (time.GetElapsedTime(_windowStart, now) >= Window)
            {
                _windowStart = now;
                _count = 0;
            }

            TimeSpan left = Hold - time.GetElapsedTime(arrivedAt, now);
            if (_count < _atOnce || left <= TimeSpan.Zero)
            {
                _count++;
                return Task.CompletedTask;
            }

            TimeSpan elapsed = time.GetElapsedTime(_start, now);
            long slot = 1 + ((elapsed + left).Ticks / SentTogether.Ticks);
            ref (long Slot, Task Sent) held = ref _held[slot % _held.Length];
            if (held.Slot != slot)
            {
                held = (slot, Task.Delay((slot * SentTogether) - elapsed, time));
            }

            return held.Sent;
        }
    }
}
