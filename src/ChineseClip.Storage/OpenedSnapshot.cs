namespace ChineseClip.Storage;

/// <summary>A snapshot whose files lie in a local directory for as long as this is not disposed.</summary>
/// <remarks>Threads: safe. The files must not be changed; they may be mapped privately, and hard-linked into the work directory of the next one.</remarks>
public sealed class OpenedSnapshot : IDisposable
{
    private readonly Func<string, CancellationToken, Task> _verify;

    private Action? _release;

    internal OpenedSnapshot(
        SnapshotDescription description, string directory, Func<string, CancellationToken, Task> verify, Action release)
    {
        Description = description;
        Directory = directory;
        _verify = verify;
        _release = release;
    }

    public SnapshotDescription Description { get; }

    /// <summary>Holds the files under the names they were published with.</summary>
    public string Directory { get; }

    /// <summary>Reads the files whose relative path begins with <paramref name="prefix"/> and compares their checksums; "" for all.</summary>
    /// <remarks>Cost: reads those files once.</remarks>
    /// <exception cref="StorageException">Corrupt with the path; Unavailable.</exception>
    public Task VerifyAsync(string prefix, CancellationToken cancellationToken) => _verify(prefix, cancellationToken);

    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
}
