using System.CommandLine;
using ChineseClip.Cli.Output;
using ChineseClip.Cli.Running;

namespace ChineseClip.Cli.Commands;

/// <summary><c>alias delete</c>.</summary>
internal sealed class AliasDeleteCommand : CliCommand
{
    private readonly Argument<string> _alias = new("alias") { Description = "The alias." };
    private readonly Option<Uri> _server = SharedOptions.Server();
    private readonly Option<bool> _json = SharedOptions.Json();

    public AliasDeleteCommand(CliStreams streams)
        : base("delete", "Delete an alias; the collection stays.", streams)
    {
        Add(_alias);
        Add(_server);
        Add(_json);
    }

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using ServerConnection server = new(parsed.GetRequiredValue(_server));
        string alias = parsed.GetRequiredValue(_alias);
        await server.Client.DeleteAliasAsync(alias, cancellationToken);
        await Streams.Output.WriteLineAsync(
            parsed.GetValue(_json) ? JsonText.Of(new { Deleted = alias }) : $"The alias '{alias}' is deleted.");
    }
}
