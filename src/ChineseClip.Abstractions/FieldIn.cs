namespace ChineseClip.Abstractions;

/// <summary>The field equals one of the values; <c>match</c> is the case of one value.</summary>
[GenerateSerializer, Alias("cc.FieldIn"), Immutable]
public sealed record FieldIn : FilterCondition
{
    /// <summary>The field, nested with dots.</summary>
    [Id(0)]
    public required string Field { get; init; }

    /// <summary>The values.</summary>
    [Id(1)]
    public required FilterValue[] Values { get; init; }
}
