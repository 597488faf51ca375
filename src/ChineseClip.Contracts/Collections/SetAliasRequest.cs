namespace ChineseClip.Contracts;

/// <summary>Body of <c>PUT /v1/aliases/{alias}</c>.</summary>
public sealed record SetAliasRequest
{
    /// <summary>The collection the alias stands for from now on, by its own name.</summary>
    public required string Collection { get; init; }
}
