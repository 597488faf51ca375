namespace ChineseClip.Abstractions;

/// <summary>Another name of a collection, which can be given to another collection at any time.</summary>
[GenerateSerializer, Alias("cc.AliasDescription"), Immutable]
public sealed record AliasDescription
{
    /// <summary>The alias.</summary>
    [Id(0)]
    public required string Alias { get; init; }

    /// <summary>The collection it stands for.</summary>
    [Id(1)]
    public required string Collection { get; init; }
}
