namespace ChineseClip.Contracts;

/// <summary>Another name of a collection; every route that takes a collection takes it.</summary>
public sealed record AliasDescription
{
    /// <summary>The alias.</summary>
    public required string Alias { get; init; }

    /// <summary>The collection it stands for.</summary>
    public required string Collection { get; init; }
}
