namespace ChineseClip.Abstractions;

/// <summary>Whether every shard and model answers.</summary>
[GenerateSerializer, Alias("cc.ClusterReadiness"), Immutable]
public sealed record ClusterReadiness
{
    /// <summary>Whether searches are answered in full.</summary>
    [Id(0)]
    public required bool IsReady { get; init; }

    /// <summary>What is missing, one sentence each; empty when ready.</summary>
    [Id(1)]
    public required string[] Reasons { get; init; }
}
