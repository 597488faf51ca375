using System.CommandLine;
using System.Globalization;
using ChineseClip.Cli.Inputs;
using ChineseClip.Cli.Output;
using ChineseClip.Cli.Running;
using ChineseClip.Model;
using Spectre.Console;

namespace ChineseClip.Cli.Commands;

/// <summary><c>classify</c>: zero-shot probabilities of labels.</summary>
internal sealed class ClassifyCommand : CliCommand
{
    private readonly Option<string> _model = SharedOptions.Model();
    private readonly Option<string[]> _images = SharedOptions.Images(required: true);
    private readonly Option<bool> _json = SharedOptions.Json();

    private readonly Option<string?> _labels = new("--labels")
    {
        Description = "What the pictures may show, with commas between (, or ，).",
        HelpName = "a,b,c",
    };

    private readonly Option<string?> _labelFile = new("--labels-file") { Description = "What the pictures may show, one label a line.", HelpName = "FILE" };
    private readonly Option<string?> _templateFile = new("--templates") { Description = "More templates, one a line.", HelpName = "FILE" };

    private readonly Option<string[]> _templates = new("--template")
    {
        Description = $"A sentence with {ZeroShot.Slot} for the label; may be given several times, for an ensemble. Default: {ZeroShot.DefaultTemplate}.",
        HelpName = "SENTENCE",
        DefaultValueFactory = _ => [],
    };

    public ClassifyCommand(CliStreams streams)
        : base("classify", "Classify pictures among labels, without training.", streams)
    {
        Add(_model);
        Add(_images);
        Add(_labels);
        Add(_labelFile);
        Add(_templates);
        Add(_templateFile);
        Add(_json);
        Validators.Add(result =>
        {
            if (result.GetValue(_labels) is null == result.GetValue(_labelFile) is null)
            {
                result.AddError("classify needs either --labels or --labels-file, and not both.");
            }
        });
        _templates.Validators.Add(result =>
        {
            foreach (string template in result.Tokens.Select(token => token.Value).Where(value => !value.Contains(ZeroShot.Slot, StringComparison.Ordinal)))
            {
                result.AddError($"--template is '{template}'; it must contain {ZeroShot.Slot} where the label goes.");
            }
        });
    }

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        string[] labels = LabelsOf(parsed);
        string[] templates = TemplatesOf(parsed);
        string[] paths = parsed.GetRequiredValue(_images);
        List<RgbImage> images = [];
        foreach (string path in paths)
        {
            images.Add(await PictureFile.DecodeAsync(path, cancellationToken));
        }

        using ChineseClipModel model = ChineseClipModel.Load(ModelSource.Find(parsed.GetRequiredValue(_model)));
        float[][] probabilities = model.Classify(images, labels, templates);
        var results = paths.Select((path, i) => new
        {
            Image = path,
            Labels = labels.Zip(probabilities[i], (label, probability) => new { Label = label, Probability = probability })
                .OrderByDescending(entry => entry.Probability)
                .ToArray(),
        }).ToArray();
        if (parsed.GetValue(_json))
        {
            await Streams.Output.WriteLineAsync(JsonText.Of(new { Results = results }));
            return;
        }

        Table table = Report.Table("picture", "label", "probability");
        foreach (var result in results)
        {
            foreach (var entry in result.Labels)
            {
                bool isFirst = ReferenceEquals(entry, result.Labels[0]);
                table.Row(isFirst ? result.Image : string.Empty, entry.Label, entry.Probability.ToString("0.0000", CultureInfo.InvariantCulture));
            }
        }

        Report.Write(Streams, table);
    }

    private string[] LabelsOf(ParseResult parsed)
    {
        if (parsed.GetValue(_labelFile) is { } file)
        {
            return LinesOf(file, "label");
        }

        string given = parsed.GetValue(_labels)!;
        string[] labels = given.Split([',', '，'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return labels.Length > 0 ? labels : throw new CommandLineException($"--labels is '{given}'; must name at least one label.");
    }

    private string[] TemplatesOf(ParseResult parsed)
    {
        string[] given = parsed.GetRequiredValue(_templates);
        string[] all = parsed.GetValue(_templateFile) is { } file ? [.. given, .. LinesOf(file, "template")] : given;
        string? wrong = Array.Find(all, template => !template.Contains(ZeroShot.Slot, StringComparison.Ordinal));
        return wrong is null
            ? all.Length > 0 ? all : [ZeroShot.DefaultTemplate]
            : throw new CommandFailedException($"The template '{wrong}' lacks {ZeroShot.Slot}, where the label goes.");
    }

    private static string[] LinesOf(string path, string what)
    {
        PictureFile.RequireFile(path);
        string[] lines = [.. File.ReadLines(path).Select(line => line.Trim()).Where(line => line.Length > 0)];
        return lines.Length > 0 ? lines : throw new CommandFailedException($"'{path}' holds 0 lines; must hold at least one {what}.");
    }
}
