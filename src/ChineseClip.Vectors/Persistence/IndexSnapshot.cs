using ChineseClip.Vectors.Memory;

namespace ChineseClip.Vectors.Persistence;

/// <summary>An index as it was when this was begun, to be written to a directory while the index is searched and written.</summary>
/// <remarks>
/// Cost for the writer meanwhile: a copy of each 4 KiB page that it changes before the page is written out.
/// Ownership: dispose it; what it needs of the index outlives the index until then.  Threads: one.
/// </remarks>
public sealed class IndexSnapshot : IDisposable
{
    private readonly SnapshotCapture _capture;
    private readonly HnswParameters _parameters;
    private readonly SnapshotBasis? _basis;
    private readonly int _time;
    private readonly Action<IndexSnapshot, SnapshotBasis?> _ended;
    private SnapshotBasis? _written;
    private bool _began;
    private bool _disposed;

    internal IndexSnapshot(
        HnswParameters parameters, SnapshotCapture capture, int time, SnapshotBasis? basis, Action<IndexSnapshot, SnapshotBasis?> ended)
    {
        (_parameters, _capture, _time, _basis, _ended) = (parameters, capture, time, basis, ended);
    }

    /// <summary>Names this snapshot.</summary>
    public Guid Id { get; } = Guid.NewGuid();

    /// <summary>Writes the snapshot; once. All is on the disk when this returns, the name of the directory itself excepted.</summary>
    /// <param name="directory">Made when it does not exist; must hold no snapshot.</param>
    /// <param name="previousDirectory">
    /// The snapshot that this index wrote last or was opened from: its files of unchanged chunks get a second name instead of being
    /// written again. Any other, or a damaged one, is left aside, and the report says why. Null for none.
    /// </param>
    /// <param name="cancellationToken">Ends it with an exception; files already written stay.</param>
    /// <exception cref="IOException">A file could not be written; those already written stay.</exception>
    public IndexSnapshotReport Write(string directory, string? previousDirectory = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_began)
        {
            throw new InvalidOperationException("a snapshot is written once; begin another one.");
        }
        _began = true;
        SnapshotWriter writer = new(directory, Id, PreviousSnapshot.Find(previousDirectory, _basis));
        IndexSnapshotReport report = writer.Write(_parameters, _capture, cancellationToken);
        _written = new SnapshotBasis(Id, _time);
        return report;
    }

    /// <summary>Lets the writer go on at full speed. What was written counts as the basis of the next snapshot.</summary>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _capture.Dispose();
            _ended(this, _written);
        }
    }
}

/// <summary>The snapshot to which an index compares itself: chunks written later than <see cref="Time"/> differ from it.</summary>
/// <param name="Id">Of the snapshot.</param>
/// <param name="Time">The <see cref="WriteClock"/>'s.</param>
internal sealed record SnapshotBasis(Guid Id, int Time);
