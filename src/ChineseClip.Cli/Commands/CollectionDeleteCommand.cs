using System.CommandLine;
using ChineseClip.Cli.Output;
using ChineseClip.Cli.Running;

namespace ChineseClip.Cli.Commands;

/// <summary><c>collection delete</c>.</summary>
internal sealed class CollectionDeleteCommand : CliCommand
{
    private readonly Argument<string> _name = SharedOptions.CollectionName();
    private readonly Option<Uri> _server = SharedOptions.Server();
    private readonly Option<bool> _json = SharedOptions.Json();

    public CollectionDeleteCommand(CliStreams streams)
        : base("delete", "Delete a collection with all its items.", streams)
    {
        Add(_name);
        Add(_server);
        Add(_json);
    }

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using ServerConnection server = new(parsed.GetRequiredValue(_server));
        string name = parsed.GetRequiredValue(_name);
        await server.Client.DeleteCollectionAsync(name, cancellationToken);
        await Streams.Output.WriteLineAsync(
            parsed.GetValue(_json) ? JsonText.Of(new { Deleted = name }) : $"The collection '{name}' is deleted.");
    }
}
