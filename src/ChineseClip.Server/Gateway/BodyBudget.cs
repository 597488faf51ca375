namespace ChineseClip.Server.Gateway;

/// <summary>Bytes of request bodies that may be in memory at once.</summary>
/// <remarks>Threads: safe.</remarks>
internal sealed class BodyBudget(long capacityBytes)
{
    private long _taken;

    public long CapacityBytes { get; } = capacityBytes;

    public long TakenBytes => Interlocked.Read(ref _taken);

    /// <summary>Takes bytes, or nothing when there are too few. A single body larger than all of it is let in when it is alone.</summary>
    public bool TryTake(long bytes)
    {
        long taken = Interlocked.Add(ref _taken, bytes);
        if (taken > CapacityBytes && taken != bytes)
        {
            Interlocked.Add(ref _taken, -bytes);
            return false;
        }

        return true;
    }

    public void Return(long bytes) => Interlocked.Add(ref _taken, -bytes);
}
