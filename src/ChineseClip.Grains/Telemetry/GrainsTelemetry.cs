using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace ChineseClip.Grains.Telemetry;

/// <summary>The one meter and the one activity source of this project.</summary>
public static class GrainsTelemetry
{
    public const string Name = "ChineseClip.Grains";

    internal static readonly ActivitySource Activities = new(Name);

    private static readonly Meter Meter = new(Name);    // before the instruments, which are made in this order

    internal static readonly Histogram<double> SearchSeconds = Histogram("chineseclip.search.duration", "s");
    internal static readonly Histogram<double> ShardSearchSeconds = Histogram("chineseclip.shard.search.duration", "s");
    internal static readonly Histogram<double> EmbedSeconds = Histogram("chineseclip.embed.duration", "s");
    internal static readonly Histogram<double> AppendSeconds = Histogram("chineseclip.log.append.duration", "s");
    internal static readonly Histogram<double> VisitedNodes = Histogram("chineseclip.search.visited", "{node}");
    internal static readonly Histogram<double> BatchSize = Histogram("chineseclip.encoder.batch.size", "{input}");
    internal static readonly UpDownCounter<long> QueueDepth =
        Meter.CreateUpDownCounter<long>("chineseclip.queue.depth", "{item}");

    internal static readonly Counter<long> ItemsWritten = Meter.CreateCounter<long>("chineseclip.items.written", "{item}");

    private static Histogram<double> Histogram(string name, string unit) => Meter.CreateHistogram<double>(name, unit);
}
