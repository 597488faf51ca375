using System.CommandLine;
using ChineseClip.Cli.Output;
using ChineseClip.Cli.Running;
using ChineseClip.Contracts;

namespace ChineseClip.Cli.Commands;

/// <summary><c>snapshot restore</c>.</summary>
internal sealed class SnapshotRestoreCommand : CliCommand
{
    private readonly Option<string> _collection = SharedOptions.Collection();
    private readonly Option<string?> _id = new("--id") { Description = "The snapshot; the newest when it is not given.", HelpName = "ID" };
    private readonly Option<string?> _as = new("--as") { Description = "Name of the new collection; without it the collection's content is replaced.", HelpName = "NAME" };
    private readonly Option<Uri> _server = SharedOptions.Server();
    private readonly Option<bool> _json = SharedOptions.Json();

    public SnapshotRestoreCommand(CliStreams streams)
        : base("restore", "Restore a snapshot as a new collection, or in place of the present content.", streams)
    {
        Add(_collection);
        Add(_id);
        Add(_as);
        Add(_server);
        Add(_json);
    }

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using ServerConnection server = new(parsed.GetRequiredValue(_server));
        string collection = parsed.GetRequiredValue(_collection);
        string? id = parsed.GetValue(_id);
        if (id is null)
        {
            SnapshotList list = await server.Client.ListSnapshotsAsync(collection, cancellationToken);
            id = list.Snapshots.Count > 0
                ? list.Snapshots[0].Id
                : throw new CommandFailedException($"The collection '{collection}' has no snapshots.");
        }

        CollectionDescription restored = await server.Client.RestoreSnapshotAsync(
            collection, id, parsed.GetValue(_as), cancellationToken);
        await CollectionReport.WriteAsync(Streams, restored, parsed.GetValue(_json));
    }
}
