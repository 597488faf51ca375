using System.CommandLine;
using ChineseClip.Cli.Output;
using ChineseClip.Cli.Running;
using ChineseClip.Contracts;

namespace ChineseClip.Cli.Commands;

/// <summary><c>collection info</c>.</summary>
internal sealed class CollectionInfoCommand : CliCommand
{
    private readonly Argument<string> _name = SharedOptions.CollectionName();
    private readonly Option<Uri> _server = SharedOptions.Server();
    private readonly Option<bool> _json = SharedOptions.Json();

    public CollectionInfoCommand(CliStreams streams)
        : base("info", "Show a collection and the state of its shards.", streams)
    {
        Add(_name);
        Add(_server);
        Add(_json);
    }

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using ServerConnection server = new(parsed.GetRequiredValue(_server));
        CollectionDescription found = await server.Client.GetCollectionAsync(parsed.GetRequiredValue(_name), cancellationToken);
        await CollectionReport.WriteAsync(Streams, found, parsed.GetValue(_json));
    }
}
