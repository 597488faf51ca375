using System.CommandLine;
using ChineseClip.Cli.Inputs;
using ChineseClip.Cli.Output;
using ChineseClip.Cli.Running;
using ChineseClip.Model;

namespace ChineseClip.Cli.Commands;

/// <summary><c>tokenize</c>: word pieces and ids as JSON Lines.</summary>
internal sealed class TokenizeCommand : CliCommand
{
    private readonly Option<string?> _model = new("--model") { Description = "A model package: its directory or name.", HelpName = "DIR|NAME" };
    private readonly Option<string?> _vocabulary = new("--vocab") { Description = "A vocabulary file instead of a model.", HelpName = "FILE" };
    private readonly Option<string[]> _texts = SharedOptions.Texts();
    private readonly Option<bool> _stdin = SharedOptions.Stdin();
    private readonly Option<bool> _json = SharedOptions.Json();
    private readonly Option<string?> _reference = SharedOptions.Reference();

    public TokenizeCommand(CliStreams streams)
        : base("tokenize", "Split texts into word pieces; prints JSON Lines.", streams)
    {
        Add(_model);
        Add(_vocabulary);
        Add(_reference);
        Add(_texts);
        Add(_stdin);
        Add(_json);
        Validators.Add(result =>
        {
            bool hasModel = result.GetValue(_model) is not null;
            bool hasVocabulary = result.GetValue(_vocabulary) is not null;
            if (hasModel == hasVocabulary)
            {
                result.AddError("tokenize needs either --model or --vocab, and not both.");
            }

            if (result.GetValue(_texts) is null or [] && !result.GetValue(_stdin))
            {
                result.AddError("tokenize needs at least one --text, or --stdin.");
            }
        });
    }

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        ChineseClipTokenizer tokenizer = Load(parsed);
        TextReader? lines = parsed.GetValue(_stdin) ? Streams.Input : null;
        await foreach (string text in TextInputs.ReadAsync(parsed.GetValue(_texts)!, lines, cancellationToken))
        {
            IReadOnlyList<string> tokens = tokenizer.Tokenize(text);
            await Streams.Output.WriteLineAsync(JsonText.Of(new
            {
                Text = text,
                Tokens = tokens,
                Ids = tokenizer.ConvertToIds(tokens),
                Encoded = tokenizer.Encode(text),
            }));
        }
    }

    private ChineseClipTokenizer Load(ParseResult parsed)
    {
        TokenizerReference reference = SharedOptions.ReferenceOf(parsed.GetValue(_reference));
        return parsed.GetValue(_vocabulary) is { } vocabulary
            ? ChineseClipTokenizer.Load(vocabulary, reference)
            : ModelPackage.Open(ModelSource.Find(parsed.GetValue(_model)!)).Tokenizer.With(reference);
    }
}
