namespace ChineseClip.Cluster.Tests.Durability;

/// <summary>Tells when a number of acknowledgements has been reached.</summary>
internal sealed class AcknowledgementCounter(int goal)
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _count;

    public Task Reached => _reached.Task.WaitAsync(TimeSpan.FromMinutes(2));

    public void Count()
    {
        if (Interlocked.Increment(ref _count) == goal)
        {
            _reached.TrySetResult();
        }
    }
}
