namespace ChineseClip.Abstractions;

/// <summary>One process of the cluster.</summary>
[GenerateSerializer, Alias("cc.SiloState"), Immutable]
public sealed record SiloState
{
    /// <summary>Where the others reach it.</summary>
    [Id(0)]
    public required string Address { get; init; }

    /// <summary>Its name.</summary>
    [Id(1)]
    public required string Name { get; init; }

    /// <summary>Its membership status.</summary>
    [Id(2)]
    public required string Status { get; init; }

    /// <summary>Its roles: <c>gateway</c>, <c>shards</c>, <c>inference</c>.</summary>
    [Id(3)]
    public required string[] Roles { get; init; }
}
