using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using ChineseClip.Cli.Commands;

namespace ChineseClip.Cli.Running;

/// <summary>The command line as a whole.</summary>
internal static class CommandLineApp
{
    /// <summary>How long Ctrl-C waits for a server to hand over its work before the process ends.</summary>
    private static readonly TimeSpan TerminationTimeout = TimeSpan.FromSeconds(20);

    public static async Task<int> RunAsync(IReadOnlyList<string> args, CliStreams streams, CancellationToken cancellationToken)
    {
        RootCommand root = Build(streams);

        // A query may begin with '@'; it is a text, not a response file.
        ParseResult parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Action is ParseErrorAction)
        {
            foreach (ParseError error in parsed.Errors)
            {
                await streams.Error.WriteLineAsync($"chineseclip: {error.Message}");
            }

            await streams.Error.WriteLineAsync($"Try '{PathOf(parsed.CommandResult)} --help'.");
            return ExitCodes.WrongCommandLine;
        }

        InvocationConfiguration invocation = new()
        {
            Output = streams.Output,
            Error = streams.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = TerminationTimeout,
        };
        return await parsed.InvokeAsync(invocation, cancellationToken);
    }

    private static RootCommand Build(CliStreams streams) => new("Image-text retrieval with Chinese-CLIP.")
    {
        new DemoCommand(streams),
        new ServeCommand(streams),
        new Command("model", "Model packages: convert, download, look at, list.")
        {
            new ModelConvertCommand(streams),
            new ModelPullCommand(streams),
            new ModelInfoCommand(streams),
            new ModelListCommand(streams),
        },
        new EmbedCommand(streams),
        new SimilarityCommand(streams),
        new ClassifyCommand(streams),
        new TokenizeCommand(streams),
        new PreprocessCommand(streams),
        new Command("collection", "Collections of a server.")
        {
            new CollectionCreateCommand(streams),
            new CollectionListCommand(streams),
            new CollectionInfoCommand(streams),
            new CollectionDeleteCommand(streams),
        },
        new Command("alias", "Other names of collections.")
        {
            new AliasSetCommand(streams),
            new AliasListCommand(streams),
            new AliasDeleteCommand(streams),
        },
        new Command("snapshot", "Snapshots of collections: take, list, restore, move to another cluster.")
        {
            new SnapshotCreateCommand(streams),
            new SnapshotListCommand(streams),
            new SnapshotRestoreCommand(streams),
            new SnapshotDeleteCommand(streams),
            new SnapshotExportCommand(streams),
            new SnapshotImportCommand(streams),
        },
        new IndexCommand(streams),
        new SearchCommand(streams),
        new Command("bench", "How fast it is.")
        {
            new BenchIndexCommand(streams),
            new BenchServeCommand(streams),
        },
        new Command("eval", "How good the answers are.")
        {
            new EvalRetrievalCommand(streams),
        },
    };

    private static string PathOf(CommandResult command)
    {
        Stack<string> names = new();
        for (SymbolResult? result = command; result is CommandResult { Command: var named }; result = result.Parent)
        {
            names.Push(result.Parent is null ? "chineseclip" : named.Name);
        }

        return string.Join(' ', names);
    }
}
