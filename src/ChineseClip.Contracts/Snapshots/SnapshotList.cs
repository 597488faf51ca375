namespace ChineseClip.Contracts;

/// <summary>Answer of <c>GET /v1/collections/{name}/snapshots</c>.</summary>
public sealed record SnapshotList
{
    /// <summary>The snapshots, newest first.</summary>
    public required IReadOnlyList<SnapshotDescription> Snapshots { get; init; }
}
