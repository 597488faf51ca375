namespace ChineseClip.Contracts;

/// <summary>Answer of <c>GET /v1/aliases</c>.</summary>
public sealed record AliasList
{
    /// <summary>All aliases, by name.</summary>
    public required IReadOnlyList<AliasDescription> Aliases { get; init; }
}
