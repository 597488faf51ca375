namespace ChineseClip.Contracts;

/// <summary>Answer of <c>GET /v1/models</c>.</summary>
public sealed record ModelList
{
    /// <summary>All configured models, by name.</summary>
    public required IReadOnlyList<ModelDescription> Models { get; init; }
}
