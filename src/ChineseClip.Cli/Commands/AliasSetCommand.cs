using System.CommandLine;
using ChineseClip.Cli.Output;
using ChineseClip.Cli.Running;
using ChineseClip.Contracts;

namespace ChineseClip.Cli.Commands;

/// <summary><c>alias set</c>.</summary>
internal sealed class AliasSetCommand : CliCommand
{
    private readonly Argument<string> _alias = new("alias") { Description = "The alias." };
    private readonly Option<string> _collection = SharedOptions.Collection();
    private readonly Option<Uri> _server = SharedOptions.Server();
    private readonly Option<bool> _json = SharedOptions.Json();

    public AliasSetCommand(CliStreams streams)
        : base("set", "Make an alias stand for a collection, at once.", streams)
    {
        Add(_alias);
        Add(_collection);
        Add(_server);
        Add(_json);
    }

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using ServerConnection server = new(parsed.GetRequiredValue(_server));
        AliasDescription set = await server.Client.SetAliasAsync(
            parsed.GetRequiredValue(_alias), parsed.GetRequiredValue(_collection), cancellationToken);
        await Streams.Output.WriteLineAsync(
            parsed.GetValue(_json) ? JsonText.Of(set) : $"The alias '{set.Alias}' stands for the collection '{set.Collection}'.");
    }
}
