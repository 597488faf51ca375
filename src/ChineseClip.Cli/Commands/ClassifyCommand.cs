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

    private readonly Option<string> _labels = new("--labels")
    {
        Description = "What the pictures may show, with commas between (, or ，).",
        HelpName = "a,b,c",
        Required = true,
    };

    private readonly Option<string[]> _templates = new("--template")
    {
        Description = $"A sentence with {ZeroShot.Slot} for the label; several form an ensemble.",
        HelpName = "SENTENCE",
        DefaultValueFactory = _ => [ZeroShot.DefaultTemplate],
    };

    public ClassifyCommand(CliStreams streams)
        : base("classify", "Classify pictures among labels, without training.", streams)
    {
        Add(_model);
        Add(_images);
        Add(_labels);
        Add(_templates);
        Add(_json);
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
        string[] labels = parsed.GetRequiredValue(_labels).Split([',', '，'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (labels.Length == 0)
        {
            throw new CommandLineException($"--labels is '{parsed.GetRequiredValue(_labels)}'; must name at least one label.");
        }

        string[] paths = parsed.GetRequiredValue(_images);
        List<RgbImage> images = [];
        foreach (string path in paths)
        {
            images.Add(await PictureFile.DecodeAsync(path, cancellationToken));
        }

        using ChineseClipModel model = ChineseClipModel.Load(ModelSource.Find(parsed.GetRequiredValue(_model)));
        float[][] probabilities = model.Classify(images, labels, parsed.GetRequiredValue(_templates));
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
}
