using System.Text.Json;

namespace ChineseClip.Contracts;

/// <summary>
/// One condition: a <see cref="Field"/> with one test; or <see cref="Id"/>; or a nested clause (<see cref="Must"/>,
/// <see cref="Should"/>, <see cref="MustNot"/>).
/// </summary>
public sealed record FilterCondition
{
    /// <summary>Payload field; dots reach into nested objects.</summary>
    public string? Field { get; init; }

    /// <summary>The field equals this string, number or boolean (or, being an array, contains it).</summary>
    public JsonElement? Match { get; init; }

    /// <summary>The field equals one of these values.</summary>
    public IReadOnlyList<JsonElement>? In { get; init; }

    /// <summary>The field is a number within these bounds.</summary>
    public FilterRange? Range { get; init; }

    /// <summary>True: the field is present; false: it is absent.</summary>
    public bool? Exists { get; init; }

    /// <summary>The item's id is one of these.</summary>
    public IReadOnlyList<string>? Id { get; init; }

    /// <summary>Nested: conditions that all hold.</summary>
    public IReadOnlyList<FilterCondition>? Must { get; init; }

    /// <summary>Nested: conditions of which at least one holds.</summary>
    public IReadOnlyList<FilterCondition>? Should { get; init; }

    /// <summary>Nested: conditions of which none holds.</summary>
    public IReadOnlyList<FilterCondition>? MustNot { get; init; }
}
