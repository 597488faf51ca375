namespace ChineseClip.Vectors;

/// <summary>How many of the vectors of a bulk build are in the index by now.</summary>
public readonly record struct BulkBuildProgress(int Added, int Total);

/// <summary>How <see cref="HnswIndex.AddRange"/> works.</summary>
public sealed record BulkBuildOptions
{
    public const int MaxThreads = 256;

    /// <summary>Threads that link vectors at the same time, 0..256; 0 is one for every processor.</summary>
    public int Threads { get; init; }

    /// <summary>Told after every batch, on the thread that calls.</summary>
    public IProgress<BulkBuildProgress>? Progress { get; init; }

    internal int EffectiveThreads => Threads > 0 ? Threads : Math.Min(MaxThreads, Environment.ProcessorCount);

    internal void ThrowIfInvalid()
    {
        if (Threads is < 0 or > MaxThreads)
        {
            throw new ArgumentOutOfRangeException(nameof(Threads), Threads, $"Threads is {Threads}; must be 0..{MaxThreads}.");
        }
    }
}
