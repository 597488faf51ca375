namespace ChineseClip.Abstractions;

/// <summary>
/// Which items may be hits: all of <see cref="Must"/>, at least one of <see cref="Should"/> (when there are any), none
/// of <see cref="MustNot"/>. An empty clause lets every item pass.
/// </summary>
[GenerateSerializer, Alias("cc.FilterClause"), Immutable]
public sealed record FilterClause
{
    /// <summary>Conditions that all must hold.</summary>
    [Id(0)]
    public FilterCondition[] Must { get; init; } = [];

    /// <summary>Conditions of which one must hold, when there are any.</summary>
    [Id(1)]
    public FilterCondition[] Should { get; init; } = [];

    /// <summary>Conditions none of which may hold.</summary>
    [Id(2)]
    public FilterCondition[] MustNot { get; init; } = [];

    /// <summary>Whether it has no condition at all.</summary>
    public bool IsEmpty => Must.Length == 0 && Should.Length == 0 && MustNot.Length == 0;
}
