namespace ChineseClip.Contracts;

/// <summary>Body of <c>POST /v1/collections/{name}/snapshots:import</c>.</summary>
public sealed record ImportSnapshotRequest
{
    /// <summary>A folder below the server's exchange directory that a snapshot was exported to.</summary>
    public required string From { get; init; }
}
