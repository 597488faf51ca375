using ChineseClip.Demo.Evaluation;

namespace ChineseClip.Cli.DemoRun;

/// <summary>All that a demo has shown.</summary>
internal sealed record DemoOutcome
{
    public required DemoSettings Settings { get; init; }

    /// <summary>How long indexing took; of the earlier run when <see cref="WasIndexed"/>.</summary>
    public required double IndexSeconds { get; init; }

    /// <summary>The collection of an earlier run was complete and is used again.</summary>
    public required bool WasIndexed { get; init; }

    public required IReadOnlyList<DemoAnswer> Queries { get; init; }

    public required DemoAnswer PictureQuery { get; init; }

    /// <summary>Null when it was left out.</summary>
    public HeldOutResult? HeldOut { get; init; }
}
