namespace ChineseClip.Server.Gateway;

// Why. A caller that keeps its connection and is refused sends its next request at once: a thousand of them keep a processor busy with
// refusing. Who is held for a moment does not, and loses nothing: Retry-After asks for a second.

/// <summary>Says when a refusal is sent: at once, or after a moment when there are many.</summary>
/// <remarks>Threads: safe.</remarks>
internal sealed class RefusalPace(TimeProvider time)
{
    private const int AtOnceEachWindowAndProcessor = 50;
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Hold = TimeSpan.FromMilliseconds(300);

    /// <summary>Those of so short a time are held together: one timer for all of them.</summary>
    private static readonly TimeSpan HeldTogether = TimeSpan.FromMilliseconds(10);

    private readonly int _atOnce = AtOnceEachWindowAndProcessor * Environment.ProcessorCount;
    private readonly Lock _lock = new();
    private long _windowStart = time.GetTimestamp();
    private int _count;
    private long _heldFrom;
    private Task _held = Task.CompletedTask;

    /// <summary>To be awaited before the next refusal is sent.</summary>
    public Task Next()
    {
        lock (_lock)
        {
            long now = time.GetTimestamp();
            if (time.GetElapsedTime(_windowStart, now) >= Window)
            {
                _windowStart = now;
                _count = 0;
            }

            if (_count < _atOnce)
            {
                _count++;
                return Task.CompletedTask;
            }

            if (_held.IsCompleted || time.GetElapsedTime(_heldFrom, now) >= HeldTogether)
            {
                _heldFrom = now;
                _held = Task.Delay(Hold, time);
            }

            return _held;
        }
    }
}
