using ChineseClip.Abstractions;

namespace ChineseClip.Grains.Gateway;

/// <summary>How much of a caller's time is left, and the token that ends the work when it is up or the caller has gone.</summary>
/// <remarks>Orleans carries the token into every call it is given to, so that no shard and no encoder works on for nobody.</remarks>
internal sealed class Deadline : IDisposable
{
    private readonly TimeProvider _time;
    private readonly TimeSpan _timeout;
    private readonly long _start;
    private readonly CancellationToken _caller;
    private readonly CancellationTokenSource _alarm;
    private readonly CancellationTokenSource _source;

    public Deadline(TimeProvider time, TimeSpan timeout, CancellationToken caller)
    {
        _time = time;
        _timeout = timeout;
        _start = time.GetTimestamp();
        _caller = caller;
        _alarm = new CancellationTokenSource(timeout, time);
        _source = CancellationTokenSource.CreateLinkedTokenSource(_alarm.Token, caller);
    }

    /// <summary>Cancelled when the time is up or the caller cancels.</summary>
    public CancellationToken Token => _source.Token;

    public TimeSpan Elapsed => _time.GetElapsedTime(_start);

    /// <summary>What is left; never less than zero.</summary>
    public TimeSpan Left => TimeSpan.FromTicks(Math.Max(0, (_timeout - Elapsed).Ticks));

    /// <summary>Makes a call with the token and waits for it no longer than is left.</summary>
    /// <exception cref="ClusterException">Timeout.</exception>
    public async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> call, string phase)
    {
        try
        {
            Token.ThrowIfCancellationRequested();
            return await call(Token).WaitAsync(Token);    // also where the one who was called is gone and hears of no token
        }
        catch (OperationCanceledException) when (_alarm.IsCancellationRequested && !_caller.IsCancellationRequested)
        {
            throw new ClusterException(
                ErrorCode.Timeout, FormattableString.Invariant($"{phase} did not finish within {_timeout.TotalMilliseconds:0} ms."));
        }
    }

    public void Dispose()
    {
        _source.Dispose();
        _alarm.Dispose();
    }
}
