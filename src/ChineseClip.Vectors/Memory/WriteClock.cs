namespace ChineseClip.Vectors.Memory;

/// <summary>Counts the snapshots begun: a chunk bears the time of its last write, so what changed since a snapshot is known.</summary>
/// <remarks>Threads: written by the writer; the threads of a bulk build, which work for it, read it.</remarks>
internal sealed class WriteClock
{
    /// <summary>Time of chunks that came from a file and were not written since.</summary>
    public const int AsOpened = 0;

    public int Now { get; private set; } = AsOpened + 1;

    /// <summary>Ends the current time and returns it.</summary>
    public int Advance() => Now++;
}
