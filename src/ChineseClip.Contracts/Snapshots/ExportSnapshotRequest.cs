namespace ChineseClip.Contracts;

/// <summary>Body of <c>POST /v1/collections/{name}/snapshots/{id}:export</c>.</summary>
public sealed record ExportSnapshotRequest
{
    /// <summary>A new folder below the server's exchange directory. Default: the snapshot's name.</summary>
    public string? To { get; init; }
}
