using System.CommandLine;
using ChineseClip.Cli.Output;
using ChineseClip.Cli.Running;
using ChineseClip.Model;

namespace ChineseClip.Cli.Commands;

/// <summary><c>model convert</c>: a published checkpoint becomes a model package.</summary>
internal sealed class ModelConvertCommand : CliCommand
{
    private readonly Argument<string> _source = new("source") { Description = "A checkpoint folder, or a weight file in one." };
    private readonly Option<string> _out = new("--out") { Description = "Where the package goes.", HelpName = "DIR", Required = true };
    private readonly Option<string?> _vocabulary = new("--vocab") { Description = "The vocab.txt, where none is beside the weights.", HelpName = "FILE" };
    private readonly Option<string?> _config = new("--config") { Description = "The config.json, where none is beside the weights and they are of no published shape.", HelpName = "FILE" };
    private readonly Option<int> _imageSize = SharedOptions.Number(
        "--image-size", "Pixels along a side of the pictures, where not as trained: positions are resized; 0 leaves it", 0, (0, 4096));

    private readonly Option<bool> _json = SharedOptions.Json();

    private readonly Option<string> _precision = SharedOptions.Precision();

    public ModelConvertCommand(CliStreams streams)
        : base("convert", "Convert a checkpoint to a model package. Needs no Python.", streams)
    {
        Add(_source);
        Add(_out);
        Add(_precision);
        Add(_imageSize);
        Add(_vocabulary);
        Add(_config);
        Add(_json);
    }

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        string source = parsed.GetRequiredValue(_source);
        if (!Directory.Exists(source) && !File.Exists(source))
        {
            throw new CommandFailedException($"There is no checkpoint at '{source}'.");
        }

        string directory = parsed.GetRequiredValue(_out);
        ConversionOptions options = new()
        {
            Precision = Enum.Parse<ModelPrecision>(parsed.GetRequiredValue(_precision), ignoreCase: true),
            ImageSize = parsed.GetValue(_imageSize) is > 0 and int size ? size : null,
            VocabularyPath = parsed.GetValue(_vocabulary),
            ConfigPath = parsed.GetValue(_config),
        };
        StepLines progress = new(Streams.Error);
        ModelManifest manifest = await Task.Run(
            () => ModelConverter.Convert(source, directory, options, progress, cancellationToken), cancellationToken);
        await ManifestReport.WriteAsync(Streams, manifest, directory, parsed.GetValue(_json));
    }

    /// <summary>Unlike Progress&lt;T&gt;, writes at once and in order.</summary>
    private sealed class StepLines(TextWriter writer) : IProgress<string>
    {
        public void Report(string value) => writer.WriteLine(value);
    }
}
