namespace ChineseClip.Contracts;

/// <summary>
/// Which items count, by their ids and payloads: all of <see cref="Must"/>, at least one of <see cref="Should"/> (when
/// given), none of <see cref="MustNot"/>.
/// </summary>
public sealed record Filter
{
    /// <summary>Conditions that all hold.</summary>
    public IReadOnlyList<FilterCondition>? Must { get; init; }

    /// <summary>Conditions of which at least one holds.</summary>
    public IReadOnlyList<FilterCondition>? Should { get; init; }

    /// <summary>Conditions of which none holds.</summary>
    public IReadOnlyList<FilterCondition>? MustNot { get; init; }
}
