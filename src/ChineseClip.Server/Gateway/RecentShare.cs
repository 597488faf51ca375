namespace ChineseClip.Server.Gateway;

/// <summary>How much of what asked to be let in was let in, over about the last half second.</summary>
/// <remarks>Threads: safe.</remarks>
internal sealed class RecentShare(TimeProvider time)
{
    private const double KeptEachWindow = 0.8;
    private const double FewestCounted = 10;
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private long _windowStart = time.GetTimestamp();
    private double _asked;
    private double _letIn;

    /// <summary>0 to 1; 1 also when hardly anything was asked for.</summary>
    public double Value
    {
        get
        {
            lock (_lock)
            {
                Fade();
                return _asked < FewestCounted ? 1 : _letIn / _asked;
            }
        }
    }

    public void Count(bool isLetIn)
    {
        lock (_lock)
        {
            Fade();
            _asked++;
            _letIn += isLetIn ? 1 : 0;
        }
    }

    /// <summary>Whether this share, with one more asked for, is not above <paramref name="other"/>.</summary>
    public bool IsAtMost(double other)
    {
        lock (_lock)
        {
            Fade();
            return _letIn <= other * (_asked + 1);
        }
    }

    private void Fade()
    {
        double windows = time.GetElapsedTime(_windowStart) / Window;
        if (windows >= 1)
        {
            double kept = Math.Pow(KeptEachWindow, Math.Floor(windows));
            _asked *= kept;
            _letIn *= kept;
            _windowStart = time.GetTimestamp();
        }
    }
}
