namespace ChineseClip.Contracts;

/// <summary>Answer of <c>POST /v1/collections/{name}/snapshots/{id}:export</c>.</summary>
public sealed record ExportSnapshotResponse
{
    /// <summary>The folder, as the server sees it.</summary>
    public required string Directory { get; init; }
}
