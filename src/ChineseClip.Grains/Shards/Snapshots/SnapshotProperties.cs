using System.Globalization;
using ChineseClip.Abstractions;

namespace ChineseClip.Grains.Shards.Snapshots;

/// <summary>What is written beside a shard's snapshot.</summary>
internal static class SnapshotProperties
{
    public const string FormatVersion = "formatVersion";
    public const string ModelSha256 = "modelSha256";
    public const string ItemCount = "itemCount";

    /// <summary>The collection's snapshot that it is a part of; such a one stays until that is deleted.</summary>
    public const string PartOf = "partOf";

    private const string Incarnation = "incarnation";

    public static Dictionary<string, string> Of(CollectionDefinition definition, long itemCount, string? partOf)
    {
        Dictionary<string, string> properties = new(StringComparer.Ordinal)
        {
            [FormatVersion] = SnapshotLayout.FormatVersion,
            [ModelSha256] = definition.ModelSha256 ?? "",
            [ItemCount] = itemCount.ToString(CultureInfo.InvariantCulture),
            [Incarnation] = definition.Incarnation.ToString("N"),
        };
        if (partOf is not null)
        {
            properties[PartOf] = partOf;
        }

        return properties;
    }
}
