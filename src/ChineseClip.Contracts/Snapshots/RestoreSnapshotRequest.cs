namespace ChineseClip.Contracts;

/// <summary>Body of <c>POST /v1/collections/{name}/snapshots/{id}:restore</c>.</summary>
public sealed record RestoreSnapshotRequest
{
    /// <summary>Name of the new collection; absent replaces the content of the one the snapshot was taken of.</summary>
    public string? As { get; init; }
}
