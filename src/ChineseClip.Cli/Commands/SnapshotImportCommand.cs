using System.CommandLine;
using ChineseClip.Cli.Output;
using ChineseClip.Cli.Running;
using ChineseClip.Contracts;

namespace ChineseClip.Cli.Commands;

/// <summary><c>snapshot import</c>.</summary>
internal sealed class SnapshotImportCommand : CliCommand
{
    private readonly Option<string> _collection = SharedOptions.Collection();
    private readonly Option<string> _from = new("--from") { Description = "A folder of the server's exchange directory.", HelpName = "FOLDER", Required = true };
    private readonly Option<Uri> _server = SharedOptions.Server();
    private readonly Option<bool> _json = SharedOptions.Json();

    public SnapshotImportCommand(CliStreams streams)
        : base("import", "Make a new collection of an exported snapshot.", streams)
    {
        Add(_collection);
        Add(_from);
        Add(_server);
        Add(_json);
    }

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using ServerConnection server = new(parsed.GetRequiredValue(_server));
        CollectionDescription imported = await server.Client.ImportSnapshotAsync(
            parsed.GetRequiredValue(_collection), parsed.GetRequiredValue(_from), cancellationToken);
        await CollectionReport.WriteAsync(Streams, imported, parsed.GetValue(_json));
    }
}
