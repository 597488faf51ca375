using System.Text.Json;

namespace ChineseClip.Contracts;

/// <summary>One value of a payload field and how often it occurs.</summary>
public sealed record FacetValue
{
    /// <summary>The value: a string, number or boolean.</summary>
    public required JsonElement Value { get; init; }

    /// <summary>Items that have it.</summary>
    public required long Count { get; init; }
}
