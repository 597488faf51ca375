using System.CommandLine;
using ChineseClip.Cli.Output;
using ChineseClip.Cli.Running;

namespace ChineseClip.Cli.Commands;

/// <summary><c>snapshot delete</c>.</summary>
internal sealed class SnapshotDeleteCommand : CliCommand
{
    private readonly Option<string> _collection = SharedOptions.Collection();
    private readonly Option<string> _id = new("--id") { Description = "The snapshot, as 'snapshot list' names it.", HelpName = "ID", Required = true };
    private readonly Option<Uri> _server = SharedOptions.Server();
    private readonly Option<bool> _json = SharedOptions.Json();

    public SnapshotDeleteCommand(CliStreams streams)
        : base("delete", "Delete a snapshot.", streams)
    {
        Add(_collection);
        Add(_id);
        Add(_server);
        Add(_json);
    }

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using ServerConnection server = new(parsed.GetRequiredValue(_server));
        string id = parsed.GetRequiredValue(_id);
        await server.Client.DeleteSnapshotAsync(parsed.GetRequiredValue(_collection), id, cancellationToken);
        await Streams.Output.WriteLineAsync(
            parsed.GetValue(_json) ? JsonText.Of(new { Deleted = id }) : $"The snapshot '{id}' is deleted.");
    }
}
