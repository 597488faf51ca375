namespace ChineseClip.Abstractions;

/// <summary>The field is a number within bounds; an absent bound does not bind.</summary>
[GenerateSerializer, Alias("cc.FieldRange"), Immutable]
public sealed record FieldRange : FilterCondition
{
    /// <summary>The field, nested with dots.</summary>
    [Id(0)]
    public required string Field { get; init; }

    /// <summary>Greater than.</summary>
    [Id(1)]
    public double? GreaterThan { get; init; }

    /// <summary>Greater than or equal to.</summary>
    [Id(2)]
    public double? AtLeast { get; init; }

    /// <summary>Less than.</summary>
    [Id(3)]
    public double? LessThan { get; init; }

    /// <summary>Less than or equal to.</summary>
    [Id(4)]
    public double? AtMost { get; init; }
}
