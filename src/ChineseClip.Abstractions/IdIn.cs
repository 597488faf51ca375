namespace ChineseClip.Abstractions;

/// <summary>The item's id is one of these.</summary>
[GenerateSerializer, Alias("cc.IdIn"), Immutable]
public sealed record IdIn : FilterCondition
{
    /// <summary>The ids.</summary>
    [Id(0)]
    public required string[] Ids { get; init; }
}
