using System.CommandLine;
using System.Globalization;
using ChineseClip.Cli.Output;
using ChineseClip.Cli.Running;
using ChineseClip.Contracts;
using Spectre.Console;

namespace ChineseClip.Cli.Commands;

/// <summary><c>snapshot list</c>.</summary>
internal sealed class SnapshotListCommand : CliCommand
{
    private readonly Option<string> _collection = SharedOptions.Collection();
    private readonly Option<Uri> _server = SharedOptions.Server();
    private readonly Option<bool> _json = SharedOptions.Json();

    public SnapshotListCommand(CliStreams streams)
        : base("list", "List the snapshots of a collection, newest first.", streams)
    {
        Add(_collection);
        Add(_server);
        Add(_json);
    }

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using ServerConnection server = new(parsed.GetRequiredValue(_server));
        SnapshotList list = await server.Client.ListSnapshotsAsync(parsed.GetRequiredValue(_collection), cancellationToken);
        if (parsed.GetValue(_json))
        {
            await Streams.Output.WriteLineAsync(JsonText.Of(list));
            return;
        }

        if (list.Snapshots.Count == 0)
        {
            await Streams.Output.WriteLineAsync("The collection has no snapshots.");
            return;
        }

        Table table = Report.Table("id", "taken", "items", "bytes");
        foreach (SnapshotDescription snapshot in list.Snapshots)
        {
            table.Row(
                snapshot.Id,
                snapshot.CreatedAt.ToString("u", CultureInfo.InvariantCulture),
                snapshot.ItemCount.ToString(CultureInfo.InvariantCulture),
                snapshot.Bytes.ToString(CultureInfo.InvariantCulture));
        }

        Report.Write(Streams, table);
    }
}
