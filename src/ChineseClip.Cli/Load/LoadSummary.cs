using System.Globalization;

namespace ChineseClip.Cli.Load;

/// <summary>What a run came to. Latencies are of good answers (2xx within the timeout), from when the request was due.</summary>
internal sealed record LoadSummary
{
    /// <summary>Requests a second that were due.</summary>
    public required double OfferedPerSecond { get; init; }

    /// <summary>Good answers a second.</summary>
    public required double GoodputPerSecond { get; init; }

    public required double DurationSeconds { get; init; }

    public required int Requests { get; init; }

    /// <summary>How many by status; <c>timeout</c> and <c>failed</c> beside the HTTP ones.</summary>
    public required IReadOnlyDictionary<string, int> Statuses { get; init; }

    public required LatencySummary LatencyMs { get; init; }

    /// <summary>How long refusals (429 and 503) took.</summary>
    public required LatencySummary RefusalMs { get; init; }

    public required IReadOnlyDictionary<string, LatencySummary> ByKindMs { get; init; }

    public required GeneratorEffort Generator { get; init; }

    /// <summary>Processor time of the server, in cores; null when it was not asked.</summary>
    public double? ServerCores { get; init; }

    /// <summary>What does not depend on how busy the machine was with other things.</summary>
    public double? GoodputPerServerCpuSecond =>
        ServerCores is > 0 and { } cores ? Math.Round(GoodputPerSecond / cores, 1) : null;

    public static LoadSummary Of(LoadResult result, TimeSpan duration) => Of(result.Outcomes, result.Generator, duration);

    private static LoadSummary Of(LoadOutcome[] outcomes, GeneratorEffort generator, TimeSpan duration) => new()
    {
        OfferedPerSecond = Math.Round(outcomes.Length / duration.TotalSeconds, 1),
        GoodputPerSecond = Math.Round(outcomes.Count(outcome => outcome.IsGood) / duration.TotalSeconds, 1),
        DurationSeconds = duration.TotalSeconds,
        Requests = outcomes.Length,
        Generator = generator,
        Statuses = outcomes.GroupBy(outcome => outcome.Status)
            .OrderBy(group => group.Key)
            .ToDictionary(group => Name(group.Key), group => group.Count()),
        LatencyMs = LatencySummary.Of(outcomes.Where(outcome => outcome.IsGood)),
        RefusalMs = LatencySummary.Of(outcomes.Where(outcome => outcome.Status is 429 or 503)),
        ByKindMs = outcomes.Where(outcome => outcome.IsGood)
            .GroupBy(outcome => outcome.Kind)
            .OrderBy(group => group.Key)
            .ToDictionary(group => group.Key.ToString().ToLowerInvariant(), LatencySummary.Of),
    };

    private static string Name(int status) => status switch
    {
        LoadOutcome.TimedOut => "timeout",
        LoadOutcome.Failed => "failed",
        _ => status.ToString(CultureInfo.InvariantCulture),
    };
}
