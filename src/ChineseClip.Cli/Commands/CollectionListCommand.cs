using System.CommandLine;
using System.Globalization;
using ChineseClip.Cli.Output;
using ChineseClip.Cli.Running;
using ChineseClip.Contracts;
using Spectre.Console;

namespace ChineseClip.Cli.Commands;

/// <summary><c>collection list</c>.</summary>
internal sealed class CollectionListCommand : CliCommand
{
    private readonly Option<Uri> _server = SharedOptions.Server();
    private readonly Option<bool> _json = SharedOptions.Json();

    public CollectionListCommand(CliStreams streams)
        : base("list", "List the collections.", streams)
    {
        Add(_server);
        Add(_json);
    }

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using ServerConnection server = new(parsed.GetRequiredValue(_server));
        CollectionList list = await server.Client.ListCollectionsAsync(cancellationToken);
        if (parsed.GetValue(_json))
        {
            await Streams.Output.WriteLineAsync(JsonText.Of(list));
            return;
        }

        if (list.Collections.Count == 0)
        {
            await Streams.Output.WriteLineAsync("The server has no collections.");
            return;
        }

        Table table = Report.Table("name", "model", "dimension", "items", "shards", "status");
        foreach (CollectionDescription collection in list.Collections)
        {
            table.Row(
                collection.Name,
                collection.Model ?? "(vectors)",
                collection.Dimension.ToString(CultureInfo.InvariantCulture),
                collection.ItemCount.ToString(CultureInfo.InvariantCulture),
                collection.Shards.Count.ToString(CultureInfo.InvariantCulture),
                collection.Status);
        }

        Report.Write(Streams, table);
    }
}
