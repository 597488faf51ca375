using System.CommandLine;
using System.Globalization;
using ChineseClip.Cli.Output;
using ChineseClip.Cli.Running;
using ChineseClip.Contracts;

namespace ChineseClip.Cli.Commands;

/// <summary><c>snapshot create</c>.</summary>
internal sealed class SnapshotCreateCommand : CliCommand
{
    private readonly Option<string> _collection = SharedOptions.Collection();
    private readonly Option<Uri> _server = SharedOptions.Server();
    private readonly Option<bool> _json = SharedOptions.Json();

    public SnapshotCreateCommand(CliStreams streams)
        : base("create", "Take a snapshot of a collection while it is read and written.", streams)
    {
        Add(_collection);
        Add(_server);
        Add(_json);
    }

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using ServerConnection server = new(parsed.GetRequiredValue(_server));
        SnapshotDescription taken = await server.Client.CreateSnapshotAsync(parsed.GetRequiredValue(_collection), cancellationToken);
        await Streams.Output.WriteLineAsync(
            parsed.GetValue(_json)
                ? JsonText.Of(taken)
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"{taken.Id}: {taken.ItemCount} items of '{taken.Collection}' in {taken.Shards.Count} shards, {taken.Bytes} bytes."));
    }
}
