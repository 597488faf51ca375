namespace ChineseClip.Storage.Appends;

/// <summary>One waiting call of <see cref="GroupCommit.AppendAsync"/>.</summary>
internal sealed class AppendRequest(IReadOnlyList<ReadOnlyMemory<byte>> bodies, int bytes, CancellationToken cancellationToken)
    : TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public IReadOnlyList<ReadOnlyMemory<byte>> Bodies => bodies;

    /// <summary>What it takes on disk.</summary>
    public int Bytes => bytes;

    public CancellationToken CancellationToken => cancellationToken;
}
