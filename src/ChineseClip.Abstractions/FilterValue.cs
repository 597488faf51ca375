using System.Globalization;

namespace ChineseClip.Abstractions;

/// <summary>A JSON scalar a payload field is compared with. Values of different types are never equal.</summary>
[GenerateSerializer, Alias("cc.FilterValue"), Immutable]
public readonly record struct FilterValue : IComparable<FilterValue>
{
    /// <summary>Its type.</summary>
    [Id(0)]
    public FilterValueKind Kind { get; private init; }

    /// <summary>The string, when it is one.</summary>
    [Id(1)]
    public string? Text { get; private init; }

    /// <summary>The number, when it is one; 1 or 0 for true and false.</summary>
    [Id(2)]
    public double Number { get; private init; }

    /// <summary>Makes a string value.</summary>
    /// <param name="text">The string.</param>
    /// <returns>The value.</returns>
    public static FilterValue Of(string text) => new() { Kind = FilterValueKind.Text, Text = text };

    /// <summary>Makes a number.</summary>
    /// <param name="number">The number.</param>
    /// <returns>The value.</returns>
    public static FilterValue Of(double number) => new() { Kind = FilterValueKind.Number, Number = number };

    /// <summary>Makes true or false.</summary>
    /// <param name="flag">Which.</param>
    /// <returns>The value.</returns>
    public static FilterValue Of(bool flag) => new() { Kind = FilterValueKind.Boolean, Number = flag ? 1 : 0 };

    /// <summary>Orders by type, then strings ordinally and numbers by size.</summary>
    /// <param name="other">The other value.</param>
    /// <returns>Negative, zero or positive.</returns>
    public int CompareTo(FilterValue other)
    {
        int kind = Kind.CompareTo(other.Kind);
        return kind != 0 ? kind
            : Kind == FilterValueKind.Text ? string.CompareOrdinal(Text, other.Text)
            : Number.CompareTo(other.Number);
    }

    /// <inheritdoc/>
    public override string ToString() => Kind switch
    {
        FilterValueKind.Text => Text ?? "",
        FilterValueKind.Boolean => Number != 0 ? "true" : "false",
        _ => Number.ToString("R", CultureInfo.InvariantCulture),
    };

    /// <summary>Whether <paramref name="left"/> comes first.</summary>
    /// <param name="left">One value.</param>
    /// <param name="right">The other.</param>
    /// <returns>True when it does.</returns>
    public static bool operator <(FilterValue left, FilterValue right) => left.CompareTo(right) < 0;

    /// <summary>Whether <paramref name="left"/> comes first or both are equal.</summary>
    /// <param name="left">One value.</param>
    /// <param name="right">The other.</param>
    /// <returns>True when it does.</returns>
    public static bool operator <=(FilterValue left, FilterValue right) => left.CompareTo(right) <= 0;

    /// <summary>Whether <paramref name="left"/> comes last.</summary>
    /// <param name="left">One value.</param>
    /// <param name="right">The other.</param>
    /// <returns>True when it does.</returns>
    public static bool operator >(FilterValue left, FilterValue right) => left.CompareTo(right) > 0;

    /// <summary>Whether <paramref name="left"/> comes last or both are equal.</summary>
    /// <param name="left">One value.</param>
    /// <param name="right">The other.</param>
    /// <returns>True when it does.</returns>
    public static bool operator >=(FilterValue left, FilterValue right) => left.CompareTo(right) >= 0;
}
