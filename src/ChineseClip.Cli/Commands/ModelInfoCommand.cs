using System.CommandLine;
using ChineseClip.Cli.Inputs;
using ChineseClip.Cli.Output;
using ChineseClip.Cli.Running;
using ChineseClip.Model;

namespace ChineseClip.Cli.Commands;

/// <summary><c>model info</c>: what a package is.</summary>
internal sealed class ModelInfoCommand : CliCommand
{
    private readonly Argument<string> _model = new("model") { Description = "The package: its directory, or its name in the models directory." };
    private readonly Option<bool> _verify = new("--verify")
    {
        Description = "Check the SHA-256 of the weights too, which reads all of them; without it their lengths are checked.",
    };
    private readonly Option<bool> _json = SharedOptions.Json();

    public ModelInfoCommand(CliStreams streams)
        : base("info", "Show what a model package is, after checking its files.", streams)
    {
        Add(_model);
        Add(_verify);
        Add(_json);
    }

    protected override Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        string directory = ModelSource.Find(parsed.GetRequiredValue(_model));
        bool verify = parsed.GetValue(_verify);
        ModelManifest manifest = ModelPackage.Open(directory, verify).Manifest;
        string check = verify ? "SHA-256 of every file" : "SHA-256 of all but the weights; --verify does these";
        return ManifestReport.WriteAsync(Streams, manifest, directory, parsed.GetValue(_json), check);
    }
}
