using System.CommandLine;
using ChineseClip.Cli.Output;
using ChineseClip.Cli.Running;
using ChineseClip.Contracts;

namespace ChineseClip.Cli.Commands;

/// <summary><c>snapshot export</c>.</summary>
internal sealed class SnapshotExportCommand : CliCommand
{
    private readonly Option<string> _collection = SharedOptions.Collection();
    private readonly Option<string> _id = new("--id") { Description = "The snapshot, as 'snapshot list' names it.", HelpName = "ID", Required = true };
    private readonly Option<string?> _to = new("--to") { Description = "A new folder; the snapshot's name when it is not given.", HelpName = "FOLDER" };
    private readonly Option<Uri> _server = SharedOptions.Server();
    private readonly Option<bool> _json = SharedOptions.Json();

    public SnapshotExportCommand(CliStreams streams)
        : base("export", "Copy a snapshot to a folder of the server's exchange directory, for another cluster.", streams)
    {
        Add(_collection);
        Add(_id);
        Add(_to);
        Add(_server);
        Add(_json);
    }

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using ServerConnection server = new(parsed.GetRequiredValue(_server));
        ExportSnapshotResponse exported = await server.Client.ExportSnapshotAsync(
            parsed.GetRequiredValue(_collection), parsed.GetRequiredValue(_id), parsed.GetValue(_to), cancellationToken);
        await Streams.Output.WriteLineAsync(parsed.GetValue(_json) ? JsonText.Of(exported) : exported.Directory);
    }
}
