namespace ChineseClip.Contracts;

/// <summary>One member of the cluster.</summary>
public sealed record SiloDescription
{
    /// <summary>Address by which the others reach it.</summary>
    public required string Address { get; init; }

    /// <summary>Its name.</summary>
    public string? Name { get; init; }

    /// <summary>As its peers see it: <c>active</c>, <c>joining</c>, <c>shuttingDown</c>, <c>dead</c> …</summary>
    public required string Status { get; init; }

    /// <summary><c>gateway</c>, <c>shards</c>, <c>inference</c>.</summary>
    public required IReadOnlyList<string> Roles { get; init; }
}
