using System.CommandLine;
using System.Globalization;
using ChineseClip.Cli.Inputs;
using ChineseClip.Cli.Output;
using ChineseClip.Cli.Running;
using ChineseClip.Model;
using Spectre.Console;

namespace ChineseClip.Cli.Commands;

/// <summary><c>model list</c>: the packages in the models directory.</summary>
internal sealed class ModelListCommand : CliCommand
{
    private readonly Option<bool> _json = SharedOptions.Json();

    private readonly Option<string> _directory = new("--dir")
    {
        Description = "The models directory.",
        HelpName = "DIR",
        DefaultValueFactory = _ => DataDirectories.Models,
    };

    public ModelListCommand(CliStreams streams)
        : base("list", "List the model packages on this machine.", streams)
    {
        Add(_directory);
        Add(_json);
    }

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        string directory = parsed.GetRequiredValue(_directory);
        if (parsed.GetResult(_directory) is { Implicit: false } && !Directory.Exists(directory))
        {
            throw new CommandFailedException($"There is no directory '{directory}'.");
        }

        List<(string Name, string Path, ModelManifest? Manifest, string? Error)> models = [];
        string[] directories = Directory.Exists(directory) ? Directory.GetDirectories(directory) : [];
        foreach (string path in directories.Order(StringComparer.Ordinal))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (ModelSource.IsPackage(path))
            {
                models.Add(Look(path));
            }
        }

        if (parsed.GetValue(_json))
        {
            await Streams.Output.WriteLineAsync(JsonText.Of(new
            {
                Directory = directory,
                Models = models.Select(model => new
                {
                    model.Name,
                    Directory = model.Path,
                    model.Manifest?.Architecture,
                    model.Manifest?.Dimension,
                    model.Manifest?.Precision,
                    model.Manifest?.Source,
                    model.Manifest?.Sha256,
                    model.Error,
                }),
            }));
            return;
        }

        if (models.Count == 0)
        {
            await Streams.Output.WriteLineAsync(
                $"There are no model packages in {directory}. 'model pull' and 'model convert --out' make them; the model 'demo' needs none.");
            return;
        }

        Table table = Report.Table("name", "architecture", "dimension", "precision", "source", "sha256");
        foreach ((string name, _, ModelManifest? manifest, string? error) in models)
        {
            table.Row(
                name,
                manifest?.Architecture ?? error!,
                manifest?.Dimension.ToString(CultureInfo.InvariantCulture) ?? string.Empty,
                manifest is null ? string.Empty : ManifestReport.NameOf(manifest.Precision),
                manifest?.Source ?? string.Empty,
                manifest?.Sha256[..12] ?? string.Empty);
        }

        Report.Write(Streams, table);
    }

    /// <summary>A damaged package is listed with what is wrong with it.</summary>
    private static (string Name, string Path, ModelManifest? Manifest, string? Error) Look(string path)
    {
        try
        {
            return (Path.GetFileName(path), path, ModelPackage.Open(path).Manifest, null);
        }
        catch (ModelFormatException exception)
        {
            return (Path.GetFileName(path), path, null, exception.Message);
        }
    }
}
