using System.CommandLine;

namespace ChineseClip.Cli.Running;

/// <summary>One command: its options, and what it does.</summary>
internal abstract class CliCommand : Command
{
    protected CliCommand(string name, string description, CliStreams streams)
        : base(name, description)
    {
        Streams = streams;
        SetAction((parsed, cancellationToken) => CommandRunner.RunAsync(() => ExecuteAsync(parsed, cancellationToken), streams, cancellationToken));
    }

    protected CliStreams Streams { get; }

    protected abstract Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken);
}
