namespace ChineseClip.Server.Hosting;

/// <summary>
/// Whether this silo has been counted out: the others declared it dead while it stood still or was cut off. A silo cannot come back from that;
/// Orleans would end the process. Here its host ends, and <see cref="ServerRun"/> starts the next one.
/// </summary>
/// <remarks>Threads: safe.</remarks>
internal sealed class Eviction(ILogger<Eviction> logger) : IFatalErrorHandler
{
    private readonly TaskCompletionSource<string> _occurred = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends with the reason when it has happened, and never otherwise.</summary>
    public Task<string> Occurred => _occurred.Task;

    public bool IsUnexpected(Exception exception) => true;

    public void OnFatalException(object? sender = null, string? context = null, Exception? exception = null)
    {
        string reason = context ?? exception?.Message ?? "a fatal error of the silo";
        if (_occurred.TrySetResult(reason))
        {
            logger.Evicted(exception, reason);
        }
    }

    /// <exception cref="SiloEvictedException">It has happened.</exception>
    public void ThrowIfOccurred()
    {
        if (_occurred.Task.IsCompletedSuccessfully)
        {
            throw new SiloEvictedException($"This silo was counted out of its cluster. {_occurred.Task.Result}");
        }
    }
}
