using System.Text.Json;
using ChineseClip.Cli.Running;

namespace ChineseClip.Cli.Tests;

/// <summary>One run of the command line in this process.</summary>
internal sealed record CliRun(int ExitCode, string Output, string Error)
{
    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public static Task<CliRun> OfAsync(params string[] args) => WithInputAsync(string.Empty, args);

    public static async Task<CliRun> WithInputAsync(string input, params string[] args)
    {
        using StringWriter output = new();
        using StringWriter error = new();
        using CliStreams streams = new(new StringReader(input), TextWriter.Synchronized(output), TextWriter.Synchronized(error));
        int exitCode = await CommandLineApp.RunAsync(args, streams, Token);
        return new CliRun(exitCode, output.ToString(), error.ToString());
    }

    /// <summary>The run, which must have ended well.</summary>
    public CliRun Done()
    {
        Assert.True(ExitCode == ExitCodes.Done, $"Exit code {ExitCode}: {Error}");
        return this;
    }

    /// <summary>The one JSON document on standard output.</summary>
    public JsonElement Json()
    {
        using JsonDocument document = JsonDocument.Parse(Output);
        return document.RootElement.Clone();
    }

    /// <summary>The JSON document on each line of standard output.</summary>
    public JsonElement[] JsonLines() => [.. Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Parse)];

    private static JsonElement Parse(string line)
    {
        using JsonDocument document = JsonDocument.Parse(line);
        return document.RootElement.Clone();
    }
}
