using ChineseClip.Abstractions;

namespace ChineseClip.Grains.Inference;

/// <summary>Inputs that came in one call; done when all of them are.</summary>
internal sealed class BatchRequest<T>(IReadOnlyList<T> inputs, long startTimestamp, TimeSpan timeout)
{
    private readonly float[][] _rows = new float[inputs.Count][];
    private readonly TaskCompletionSource<float[][]> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _missing = inputs.Count;

    public IReadOnlyList<T> Inputs => inputs;

    public TimeSpan Timeout => timeout;

    public Task<float[][]> Completion => _done.Task;

    /// <summary>Whether its answer is no longer wanted; one whose time is up fails here.</summary>
    public bool IsOver(TimeProvider time)
    {
        if (!_done.Task.IsCompleted && time.GetElapsedTime(startTimestamp) >= timeout)
        {
            Fail(new ClusterException(ErrorCode.Timeout, $"The input waited {timeout} for the encoder."));
        }

        return _done.Task.IsCompleted;
    }

    // Only the batcher's thread completes rows, so the countdown needs no interlock.
    public void Complete(int index, float[] row)
    {
        _rows[index] = row;
        if (--_missing == 0)
        {
            _done.TrySetResult(_rows);
        }
    }

    public void Fail(ClusterException exception) => _done.TrySetException(exception);

    public void TryCancel(CancellationToken cancellationToken) => _done.TrySetCanceled(cancellationToken);
}
