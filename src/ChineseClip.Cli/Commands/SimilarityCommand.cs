using System.CommandLine;
using System.Globalization;
using ChineseClip.Cli.Inputs;
using ChineseClip.Cli.Output;
using ChineseClip.Cli.Running;
using ChineseClip.Model;
using Spectre.Console;

namespace ChineseClip.Cli.Commands;

/// <summary><c>similarity</c>: how well pictures and texts go together.</summary>
internal sealed class SimilarityCommand : CliCommand
{
    private readonly Option<string> _model = SharedOptions.Model();
    private readonly Option<string[]> _texts = SharedOptions.Texts(required: true);
    private readonly Option<string[]> _images = SharedOptions.Images(required: true);
    private readonly Option<bool> _json = SharedOptions.Json();

    public SimilarityCommand(CliStreams streams)
        : base("similarity", "Compare pictures with texts: logits, and probabilities over the texts of each picture.", streams)
    {
        Add(_model);
        Add(_images);
        Add(_texts);
        Add(_json);
    }

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        string[] paths = parsed.GetRequiredValue(_images);
        string[] texts = [.. parsed.GetRequiredValue(_texts).Select(TextInputs.RequireContent)];
        List<RgbImage> images = [];
        foreach (string path in paths)
        {
            images.Add(await PictureFile.DecodeAsync(path, cancellationToken));
        }

        using ChineseClipModel model = ChineseClipModel.Load(ModelSource.Find(parsed.GetRequiredValue(_model)));
        ImageTextLogits logits = model.Forward(images, texts);
        if (parsed.GetValue(_json))
        {
            await Streams.Output.WriteLineAsync(JsonText.Of(new
            {
                Images = paths,
                Texts = texts,
                model.Package.Manifest.LogitScale,
                logits.LogitsPerImage,
                logits.LogitsPerText,
                logits.Probabilities,
            }));
            return;
        }

        Table table = Report.Table("picture", "text", "logit", "probability");
        for (int i = 0; i < paths.Length; i++)
        {
            for (int j = 0; j < texts.Length; j++)
            {
                table.Row(
                    j == 0 ? paths[i] : string.Empty,
                    texts[j],
                    logits.LogitsPerImage[i][j].ToString("0.000", CultureInfo.InvariantCulture),
                    logits.Probabilities[i][j].ToString("0.0000", CultureInfo.InvariantCulture));
            }
        }

        Report.Write(Streams, table);
    }
}
