using System.CommandLine;
using ChineseClip.Cli.Output;
using ChineseClip.Cli.Running;
using ChineseClip.Contracts;
using Spectre.Console;

namespace ChineseClip.Cli.Commands;

/// <summary><c>alias list</c>.</summary>
internal sealed class AliasListCommand : CliCommand
{
    private readonly Option<Uri> _server = SharedOptions.Server();
    private readonly Option<bool> _json = SharedOptions.Json();

    public AliasListCommand(CliStreams streams)
        : base("list", "List the aliases.", streams)
    {
        Add(_server);
        Add(_json);
    }

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using ServerConnection server = new(parsed.GetRequiredValue(_server));
        AliasList list = await server.Client.ListAliasesAsync(cancellationToken);
        if (parsed.GetValue(_json))
        {
            await Streams.Output.WriteLineAsync(JsonText.Of(list));
            return;
        }

        if (list.Aliases.Count == 0)
        {
            await Streams.Output.WriteLineAsync("The server has no aliases.");
            return;
        }

        Table table = Report.Table("alias", "collection");
        foreach (AliasDescription alias in list.Aliases)
        {
            table.Row(alias.Alias, alias.Collection);
        }

        Report.Write(Streams, table);
    }
}
