namespace ChineseClip.Grains.Configuration;

/// <summary>When a shard takes a snapshot by itself.</summary>
public sealed class SnapshotOptions
{
    public const string Section = "Snapshots";

    /// <summary>After so many items were written or deleted since the last one. Default: 20,000; range 1..100,000,000.</summary>
    /// <remarks>A recovery reads no more than about twice as many items from the log.</remarks>
    [Between(1, 100_000_000)]
    public int AfterItems { get; set; } = 20_000;

    /// <summary>After so many bytes were appended to the log since the last one. Default: 256 MiB; range 4 KiB..1 TiB.</summary>
    [Between(4096, 1L << 40)]
    public long AfterBytes { get; set; } = 256L << 20;

    /// <summary>When the shard stops in peace: after so many items, so that reading the log would take longer. Default: 1,000; range 1..100,000,000.</summary>
    [Between(1, 100_000_000)]
    public int AtStopAfterItems { get; set; } = 1000;

    /// <summary>No sooner after the last one, failed or not. Default: 10 s; range 0..1 day.</summary>
    [Between(0, 86_400_000)]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Where snapshots are exported to and imported from, below folders of their own; none, the default, forbids both.</summary>
    public string? ExchangeDirectory { get; set; }
}
