using System.Globalization;
using ChineseClip.Cli.Running;
using ChineseClip.Contracts;
using Spectre.Console;

namespace ChineseClip.Cli.Output;

/// <summary>Shows a collection and its shards.</summary>
internal static class CollectionReport
{
    public static async Task WriteAsync(CliStreams streams, CollectionDescription collection, bool asJson)
    {
        if (asJson)
        {
            await streams.Output.WriteLineAsync(JsonText.Of(collection));
            return;
        }

        await streams.Output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"{collection.Name}: {collection.ItemCount} items, {collection.Status}; model {collection.Model ?? "(none: vectors)"}, dimension {collection.Dimension}"));
        Table table = Report.Table("shard", "status", "items", "silo", "epoch", "lsn", "detail");
        foreach (ShardDescription shard in collection.Shards)
        {
            table.Row(
                Text(shard.Ordinal), shard.Status, Text(shard.ItemCount), shard.Silo ?? string.Empty, Text(shard.Epoch), Text(shard.Lsn), shard.Detail ?? string.Empty);
        }

        Report.Write(streams, table);
    }

    private static string Text(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? string.Empty;
}
