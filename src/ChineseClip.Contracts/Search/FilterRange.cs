namespace ChineseClip.Contracts;

/// <summary>Bounds of a number; those absent do not bind.</summary>
public sealed record FilterRange
{
    /// <summary>Greater than.</summary>
    public double? Gt { get; init; }

    /// <summary>Greater than or equal to.</summary>
    public double? Gte { get; init; }

    /// <summary>Less than.</summary>
    public double? Lt { get; init; }

    /// <summary>Less than or equal to.</summary>
    public double? Lte { get; init; }
}
