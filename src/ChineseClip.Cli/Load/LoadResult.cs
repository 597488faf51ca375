namespace ChineseClip.Cli.Load;

/// <summary>All that a run saw.</summary>
internal sealed record LoadResult(LoadOutcome[] Outcomes, GeneratorEffort Generator);
