using ChineseClip.Abstractions;

namespace ChineseClip.Grains.Shards.Fields;

/// <summary>What a path reaches in one payload: the distinct scalars, in order, and whether anything but null is there.</summary>
internal sealed class FieldValues : IEquatable<FieldValues>
{
    public static readonly FieldValues Nothing = new();
    private readonly int _hash;

    /// <summary>Something is there, with these values; with none of them when it is only objects.</summary>
    public FieldValues(List<FilterValue>? values)
    {
        Exists = true;
        if (values is { Count: > 1 })
        {
            values.Sort();
            Values = [.. values.Distinct()];
        }
        else
        {
            Values = values is null ? [] : [.. values];
        }

        HashCode hash = default;
        foreach (FilterValue value in Values)
        {
            hash.Add(value);
        }

        _hash = hash.ToHashCode();
    }

    private FieldValues()
    {
    }

    public FilterValue[] Values { get; } = [];

    public bool Exists { get; }

    public bool Equals(FieldValues? other) =>
        other is not null && Exists == other.Exists && Values.AsSpan().SequenceEqual(other.Values);

    public override bool Equals(object? obj) => obj is FieldValues other && Equals(other);

    public override int GetHashCode() => _hash;
}
