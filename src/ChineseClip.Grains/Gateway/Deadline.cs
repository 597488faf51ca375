using ChineseClip.Abstractions;

namespace ChineseClip.Grains.Gateway;

/// <summary>How much of a caller's time is left.</summary>
internal readonly struct Deadline(TimeProvider time, TimeSpan timeout)
{
    private readonly long _start = time.GetTimestamp();

    public TimeSpan Elapsed => time.GetElapsedTime(_start);

    /// <summary>What is left; never less than zero.</summary>
    public TimeSpan Left => TimeSpan.FromTicks(Math.Max(0, (timeout - Elapsed).Ticks));

    /// <summary>Waits for a call no longer than is left.</summary>
    /// <exception cref="ClusterException">Timeout.</exception>
    public async Task<T> WaitAsync<T>(Task<T> call, string phase, CancellationToken cancellationToken)
    {
        try
        {
            return await call.WaitAsync(Left, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new ClusterException(ErrorCode.Timeout, $"{phase} did not finish within {timeout}.");
        }
    }
}
