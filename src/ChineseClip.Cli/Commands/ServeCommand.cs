using System.CommandLine;
using ChineseClip.Cli.Running;
using ChineseClip.Cli.Serving;
using ChineseClip.Demo;
using ChineseClip.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;

namespace ChineseClip.Cli.Commands;

/// <summary><c>serve</c>: the server, with the roles of its configuration.</summary>
internal sealed class ServeCommand : CliCommand
{
    private const string ModelsSection = "Inference:Models";

    private readonly Option<string?> _config = new("--config") { Description = "A configuration file in JSON.", HelpName = "FILE" };
    private readonly Option<string?> _urls = new("--urls") { Description = $"Where to listen; default {SharedOptions.DefaultServer}.", HelpName = "URL" };
    private readonly Option<string?> _data = new("--data") { Description = $"Where collections are kept; default {DataDirectories.Server}.", HelpName = "DIR" };

    public ServeCommand(CliStreams streams)
        : base("serve", "Run the server. Any setting may follow as --Section:Key value.", streams)
    {
        Add(_config);
        Add(_urls);
        Add(_data);
        TreatUnmatchedTokensAsErrors = false;
    }

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        RequireSettings(parsed.UnmatchedTokens);
        string? config = parsed.GetValue(_config);
        if (config is not null && !File.Exists(config))
        {
            throw new CommandFailedException($"There is no configuration file '{config}'.");
        }

        List<string> args = [.. parsed.UnmatchedTokens];
        if (parsed.GetValue(_urls) is { } urls)
        {
            args.AddRange(["--urls", urls]);
        }

        string data = parsed.GetValue(_data) ?? DataDirectories.Server;
        if (parsed.GetValue(_data) is not null)
        {
            args.AddRange(["--Storage:Directory", StorageBelow(data)]);
        }

        await ServerStart.TellingWhyAsync(() => ServerRun.RunAsync(
            [.. args],
            builder => Configure(builder, config, args, data),
            address => RunningServer.AnnounceAsync(address, Streams.Output),
            cancellationToken));
    }

    /// <summary>Order, weakest first: our defaults, the server's own sources, --config, the command line.</summary>
    private static void Configure(WebApplicationBuilder builder, string? config, List<string> args, string data)
    {
        ConfigurationManager configuration = builder.Configuration;
        if (config is not null)
        {
            configuration.AddJsonFile(Path.GetFullPath(config), optional: false);
            configuration.AddCommandLine([.. args]);
        }

        Dictionary<string, string?> defaults = new()
        {
            ["Storage:Directory"] = StorageBelow(data),
        };
        if (!configuration.GetSection(ModelsSection).GetChildren().Any())
        {
            defaults[$"{ModelsSection}:{DemoModel.Name}"] = DemoModel.EnsurePackage(Path.Combine(Path.GetFullPath(data), "models"));
        }

        ((IConfigurationBuilder)configuration).Sources.Insert(0, new MemoryConfigurationSource { InitialData = defaults });
    }

    private static string StorageBelow(string data) => Path.Combine(Path.GetFullPath(data), "storage");

    /// <summary>What is not an option of ours must be a setting; a misspelt option must not vanish among them.</summary>
    private static void RequireSettings(IReadOnlyList<string> tokens)
    {
        for (int i = 0; i < tokens.Count; i++)
        {
            string key = tokens[i].Split('=')[0];
            if (!key.StartsWith("--", StringComparison.Ordinal) || !key.Contains(':', StringComparison.Ordinal))
            {
                throw new CommandLineException($"'{tokens[i]}' is neither an option of serve nor a setting such as --Storage:Directory DIR.");
            }

            if (key.Length == tokens[i].Length && ++i == tokens.Count)
            {
                throw new CommandLineException($"The setting '{key}' has no value.");
            }
        }
    }
}
