using System.CommandLine;
using System.Text.RegularExpressions;
using ChineseClip.Cli.Output;
using ChineseClip.Cli.Pulling;
using ChineseClip.Cli.Running;
using ChineseClip.Model;

namespace ChineseClip.Cli.Commands;

/// <summary><c>model pull</c>: a checkpoint from a hub becomes a model package.</summary>
internal sealed partial class ModelPullCommand : CliCommand
{
    private const string DefaultEndpoint = "https://huggingface.co";

    private readonly Argument<string> _repository = new("repo") { Description = "The repository, such as OFA-Sys/chinese-clip-vit-base-patch16." };
    private readonly Option<string?> _endpoint = new("--endpoint") { Description = $"The hub; default HF_ENDPOINT, else {DefaultEndpoint}.", HelpName = "URL" };
    private readonly Option<string?> _out = new("--out") { Description = "Where the package goes; default: the models directory.", HelpName = "DIR" };
    private readonly Option<string?> _weights = new("--weights") { Description = "The weight file, where it has no usual name.", HelpName = "FILE" };
    private readonly Option<string?> _vocabulary = new("--vocab") { Description = "The vocab.txt, where the repository has none.", HelpName = "FILE" };
    private readonly Option<bool> _json = SharedOptions.Json();

    private readonly Option<string> _revision = new("--revision")
    {
        Description = "A branch, tag or commit.",
        HelpName = "R",
        DefaultValueFactory = _ => "main",
    };

    private readonly Option<string> _precision = SharedOptions.Precision();

    public ModelPullCommand(CliStreams streams)
        : base("pull", "Download a checkpoint and convert it. Goes on where an earlier run was cut.", streams)
    {
        Add(_repository);
        Add(_revision);
        Add(_endpoint);
        Add(_out);
        Add(_weights);
        Add(_vocabulary);
        Add(_precision);
        Add(_json);
    }

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        string name = parsed.GetRequiredValue(_repository);
        string? weights = parsed.GetValue(_weights);
        if (!RepositoryName().IsMatch(name))
        {
            throw new CommandLineException($"The repository is '{name}'; must be OWNER/NAME.");
        }

        if (weights is not null && !FileName().IsMatch(weights))
        {
            throw new CommandLineException($"--weights is '{weights}'; must be a plain file name.");
        }

        string? vocabulary = parsed.GetValue(_vocabulary);
        if (vocabulary is not null && !File.Exists(vocabulary))
        {
            throw new CommandFailedException($"There is no vocabulary at '{vocabulary}'.");
        }

        Uri endpoint = EndpointOf(parsed.GetValue(_endpoint));
        string? token = Environment.GetEnvironmentVariable("HF_TOKEN") is { Length: > 0 } given ? given : null;
        using HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = Timeout.InfiniteTimeSpan };
        string checkpoint = Path.Combine([DataDirectories.Checkpoints, .. name.Split('/')]);
        string source;
        try
        {
            CheckpointPull pull = new(new HubRepository(http, endpoint, name, token), checkpoint, Streams);
            source = await pull.RunAsync(parsed.GetRequiredValue(_revision), weights, needsVocabulary: vocabulary is null, cancellationToken);
        }
        catch (HttpRequestException exception)
        {
            throw new CommandFailedException($"{endpoint} cannot be reached or fails: {exception.Message}", exception);
        }

        string directory = parsed.GetValue(_out) ?? Path.Combine(DataDirectories.Models, name.Split('/')[^1]);
        ConversionOptions options = new()
        {
            Precision = Enum.Parse<ModelPrecision>(parsed.GetRequiredValue(_precision), ignoreCase: true),
            VocabularyPath = vocabulary,
        };
        ModelManifest manifest = await Task.Run(
            () => ModelConverter.Convert(source, directory, options, ct: cancellationToken), cancellationToken);
        await ManifestReport.WriteAsync(Streams, manifest, directory, parsed.GetValue(_json));
    }

    private static Uri EndpointOf(string? given)
    {
        string? environment = Environment.GetEnvironmentVariable("HF_ENDPOINT");
        string text = given ?? (string.IsNullOrEmpty(environment) ? DefaultEndpoint : environment);
        return Uri.TryCreate(text, UriKind.Absolute, out Uri? endpoint) && endpoint.Scheme is "http" or "https"
            ? endpoint
            : throw new CommandLineException($"The endpoint is '{text}'; must be an http or https address such as {DefaultEndpoint}.");
    }

    [GeneratedRegex(@"^(?!\.)[A-Za-z0-9._-]+(/(?!\.)[A-Za-z0-9._-]+)?\z")]
    private static partial Regex RepositoryName();

    [GeneratedRegex(@"^(?!\.)[A-Za-z0-9._-]+\z")]
    private static partial Regex FileName();
}
