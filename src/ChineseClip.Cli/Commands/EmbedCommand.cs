using System.CommandLine;
using ChineseClip.Cli.Inputs;
using ChineseClip.Cli.Output;
using ChineseClip.Cli.Running;
using ChineseClip.Model;

namespace ChineseClip.Cli.Commands;

/// <summary><c>embed</c>: unit embeddings of texts and pictures as JSON Lines.</summary>
internal sealed class EmbedCommand : CliCommand
{
    /// <summary>Texts in one forward pass: more gains nothing on a CPU.</summary>
    private const int TextBatch = 32;

    private readonly Option<string> _model = SharedOptions.Model();
    private readonly Option<string[]> _texts = SharedOptions.Texts();
    private readonly Option<string[]> _images = SharedOptions.Images();
    private readonly Option<bool> _stdin = SharedOptions.Stdin();
    private readonly Option<string?> _reference = SharedOptions.Reference();
    private readonly Option<bool> _json = SharedOptions.Json();

    public EmbedCommand(CliStreams streams)
        : base("embed", "Embed texts and pictures; prints JSON Lines, vectors of unit length.", streams)
    {
        Add(_model);
        Add(_texts);
        Add(_images);
        Add(_stdin);
        Add(_reference);
        Add(_json);
        Validators.Add(result =>
        {
            if (result.GetValue(_texts) is null or [] && result.GetValue(_images) is null or [] && !result.GetValue(_stdin))
            {
                result.AddError("embed needs at least one --text, one --image, or --stdin.");
            }
        });
    }

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using ChineseClipModel model = ChineseClipModel.Load(ModelSource.Find(parsed.GetRequiredValue(_model)));
        TokenizerReference reference = SharedOptions.ReferenceOf(parsed.GetValue(_reference));
        ChineseClipTokenizer tokenizer = model.Package.Tokenizer.With(reference);
        List<string> batch = [];
        int ordinal = 0;
        TextReader? lines = parsed.GetValue(_stdin) ? Streams.Input : null;
        await foreach (string text in TextInputs.ReadAsync(parsed.GetValue(_texts)!, lines, cancellationToken))
        {
            batch.Add(TextInputs.RequireContent(text, ordinal++));
            if (batch.Count == TextBatch)
            {
                await WriteTextsAsync(model, tokenizer, batch);
                batch.Clear();
            }
        }

        await WriteTextsAsync(model, tokenizer, batch);
        foreach (string path in parsed.GetValue(_images)!)
        {
            float[][] embeddings = reference == TokenizerReference.OfaSys
                ? model.GetImageFeatures([await PictureFile.DecodeSourceAsync(path, cancellationToken)])
                : model.GetImageFeatures([await PictureFile.DecodeAsync(path, cancellationToken)]);
            await WriteAsync(path, "image", embeddings[0]);
        }
    }

    private async Task WriteTextsAsync(ChineseClipModel model, ChineseClipTokenizer tokenizer, List<string> texts)
    {
        if (texts.Count == 0)
        {
            return;
        }

        float[][] embeddings = model.GetTextFeatures(tokenizer.EncodeBatch(texts));
        for (int i = 0; i < texts.Count; i++)
        {
            await WriteAsync(texts[i], "text", embeddings[i]);
        }
    }

    private Task WriteAsync(string input, string kind, float[] embedding) =>
        Streams.Output.WriteLineAsync(JsonText.Of(new { Input = input, Kind = kind, Dimension = embedding.Length, Embedding = embedding }));
}
