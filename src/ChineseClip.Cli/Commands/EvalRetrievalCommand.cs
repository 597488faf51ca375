using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using ChineseClip.Cli.Evaluation;
using ChineseClip.Cli.Inputs;
using ChineseClip.Cli.Output;
using ChineseClip.Cli.Running;
using ChineseClip.Contracts;
using ChineseClip.Model;
using ChineseClip.Model.Evaluation;
using Spectre.Console;

namespace ChineseClip.Cli.Commands;

/// <summary><c>eval retrieval</c>: recall on annotated queries, of a collection, a model, or files that OFA-Sys' scripts wrote.</summary>
internal sealed class EvalRetrievalCommand : CliCommand
{
    private readonly Option<string?> _collection = new("--collection") { Description = "Evaluate a collection of a server.", HelpName = "NAME" };
    private readonly Option<int> _ef = SharedOptions.Number("--ef", "With --collection: candidates while searching; 0 leaves it to the server", 0, (0, 10_000));
    private readonly Option<bool> _exact = new("--exact") { Description = "With --collection: compare with every item." };
    private readonly Option<Uri> _server = SharedOptions.Server();
    private readonly Option<string?> _model = new("--model") { Description = "Evaluate a model on --images, without a server.", HelpName = "DIR|NAME" };
    private readonly Option<string?> _images = FileOption("--images", "With --model: OFA-Sys' pictures, on each line an id, a tab and base64.", "FILE.tsv");
    private readonly Option<string?> _textFeatures = FileOption("--text-features", "Evaluate features: {\"text_id\",\"feature\":[…]} a line; with --image-features.");
    private readonly Option<string?> _imageFeatures = FileOption("--image-features", "{\"image_id\",\"feature\":[…]} a line.");
    private readonly Option<string?> _predictions = FileOption("--predictions", "Evaluate predictions: {\"text_id\",\"image_ids\":[ten]} a line.");
    private readonly Option<string?> _trPredictions = FileOption("--tr-predictions", "Predictions the other way: {\"image_id\",\"text_ids\":[ten]} a line.");
    private readonly Option<string?> _trQueries = FileOption("--tr-queries", "Right texts of each picture, {\"image_id\",\"text_ids\":[…]} a line; default: --queries turned round.");
    private readonly Option<string?> _save = new("--save") { Description = "Write predictions and features in OFA-Sys' forms to a directory.", HelpName = "DIR" };
    private readonly Option<bool> _json = SharedOptions.Json();

    private readonly Option<string> _queries = new("--queries")
    {
        Description = "Annotated queries as JSON Lines: {\"query_id\",\"query_text\",\"item_ids\":[…]} or {\"text_id\",\"text\",\"image_ids\":[…]}.",
        HelpName = "FILE",
        Required = true,
    };

    public EvalRetrievalCommand(CliStreams streams)
        : base("retrieval", "Recall@1/5/10 and mean recall, text to image and image to text.", streams)
    {
        Option[] options =
            [_queries, _trQueries, _collection, _ef, _exact, _server, _model, _images, _textFeatures, _imageFeatures, _predictions, _trPredictions, _save, _json];
        Array.ForEach(options, Add);
        Validators.Add(RequireOneSubject);
    }

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        string path = parsed.GetRequiredValue(_queries);
        PictureFile.RequireFile(path);
        string? collection = parsed.GetValue(_collection);
        (RetrievalOutcome outcome, Func<RetrievalAnswers> answers) = collection is not null
            ? await OfCollectionAsync(parsed, collection, cancellationToken)
            : await OfFilesAsync(parsed, path, cancellationToken);
        if (parsed.GetValue(_save) is { } directory)
        {
            answers().Save(directory);
        }

        await WriteAsync(collection, outcome, parsed.GetValue(_json));
    }

    private void RequireOneSubject(CommandResult result)
    {
        bool[] subjects =
        [
            result.GetValue(_collection) is not null,
            result.GetValue(_model) is not null || result.GetValue(_images) is not null,
            result.GetValue(_textFeatures) is not null || result.GetValue(_imageFeatures) is not null,
            result.GetValue(_predictions) is not null || result.GetValue(_trPredictions) is not null,
        ];
        if (subjects.Count(given => given) != 1)
        {
            result.AddError("eval retrieval needs one of --collection, --model with --images, --text-features with --image-features, or --predictions.");
        }
        else if (result.GetValue(_model) is null != result.GetValue(_images) is null)
        {
            result.AddError("--model and --images go together.");
        }
        else if (result.GetValue(_textFeatures) is null != result.GetValue(_imageFeatures) is null)
        {
            result.AddError("--text-features and --image-features go together.");
        }
    }

    private async Task<(RetrievalOutcome Outcome, Func<RetrievalAnswers> Answers)> OfCollectionAsync(
        ParseResult parsed, string name, CancellationToken cancellationToken)
    {
        IReadOnlyList<RetrievalQuery> queries = RetrievalQueryFile.Read(parsed.GetRequiredValue(_queries));
        using ServerConnection server = new(parsed.GetRequiredValue(_server));
        CollectionDescription collection = await server.Client.GetCollectionAsync(name, cancellationToken);
        if (collection.Model is null)
        {
            throw new CommandFailedException($"The collection '{collection.Name}' holds ready vectors and has no model to embed texts.");
        }

        int itemCount = queries.SelectMany(query => query.ItemIds).Distinct(StringComparer.Ordinal).Count();
        RetrievalOutcome? outcome = null;
        Func<RetrievalAnswers>? answers = null;
        await WorkProgress.RunAsync(Streams, "Evaluating retrieval", (2 * queries.Count) + itemCount, async advance =>
        {
            CollectionRetrieval retrieval = new(server.Client, collection)
            {
                Ef = parsed.GetValue(_ef) is > 0 and int ef ? ef : null,
                IsExact = parsed.GetValue(_exact),
                Advance = advance,
            };
            outcome = await retrieval.RunAsync(queries, cancellationToken);
            answers = retrieval.Answers;
        });
        return (outcome!, answers!);
    }

    private async Task<(RetrievalOutcome Outcome, Func<RetrievalAnswers> Answers)> OfFilesAsync(
        ParseResult parsed, string path, CancellationToken cancellationToken)
    {
        foreach (Option<string?> option in (Option<string?>[])[_images, _textFeatures, _imageFeatures, _predictions, _trPredictions, _trQueries])
        {
            if (parsed.GetValue(option) is { } file)
            {
                PictureFile.RequireFile(file);
            }
        }

        IReadOnlyDictionary<long, IReadOnlyList<long>> annotations = parsed.GetValue(_model) is null
            ? RetrievalFiles.ReadAnnotations(path, RetrievalDirection.TextToImage)
            : RetrievalQueryFile.Read(path).ToDictionary(
                query => RetrievalAnswers.NumberOf(query.Id), IReadOnlyList<long> (query) => [.. query.ItemIds.Select(RetrievalAnswers.NumberOf)]);
        IReadOnlyDictionary<long, IReadOnlyList<long>> inverted = parsed.GetValue(_trQueries) is { } trQueries
            ? RetrievalFiles.ReadAnnotations(trQueries, RetrievalDirection.ImageToText)
            : RetrievalFiles.Invert(annotations);
        RetrievalAnswers answers = parsed.GetValue(_model) is { } model
            ? await OfModelAsync(model, parsed.GetValue(_images)!, RetrievalQueryFile.Read(path), cancellationToken)
            : parsed.GetValue(_textFeatures) is { } texts
                ? RetrievalAnswers.Of(
                    RetrievalFiles.ReadFeatures(texts, RetrievalDirection.TextToImage),
                    RetrievalFiles.ReadFeatures(parsed.GetValue(_imageFeatures)!, RetrievalDirection.ImageToText))
                : new RetrievalAnswers
                {
                    TextToImage = Read(_predictions, RetrievalDirection.TextToImage),
                    ImageToText = Read(_trPredictions, RetrievalDirection.ImageToText),
                };
        return (answers.Score(annotations, inverted), () => answers);

        IReadOnlyDictionary<long, IReadOnlyList<long>>? Read(Option<string?> option, RetrievalDirection direction) =>
            parsed.GetValue(option) is { } file ? RetrievalFiles.ReadPredictions(file, direction) : null;
    }

    private async Task<RetrievalAnswers> OfModelAsync(
        string name, string pictures, IReadOnlyList<RetrievalQuery> queries, CancellationToken cancellationToken)
    {
        using ChineseClipModel model = ChineseClipModel.Load(ModelSource.Find(name));
        RetrievalAnswers? answers = null;
        int count = File.ReadLines(pictures).Count(line => !string.IsNullOrWhiteSpace(line));
        await WorkProgress.RunAsync(Streams, "Embedding", queries.Count + count, advance => Task.Run(
            () => answers = RetrievalAnswers.Of(
                ModelFeatures.OfTexts(model, queries, advance, cancellationToken),
                ModelFeatures.OfPictures(model, pictures, advance, cancellationToken)),
            cancellationToken));
        return answers!;
    }

    private async Task WriteAsync(string? collection, RetrievalOutcome outcome, bool asJson)
    {
        if (outcome.MissingItems.Count > 0)
        {
            await Streams.Error.WriteLineAsync(
                $"{outcome.MissingItems.Count} annotated items are not {(collection is null ? "among the pictures" : "in the collection")}, "
                + $"the first of them '{outcome.MissingItems[0]}': no search can find them.");
        }

        if (asJson)
        {
            await Streams.Output.WriteLineAsync(JsonText.Of(new
            {
                Collection = collection,
                Queries = outcome.QueryCount,
                Items = outcome.ItemCount,
                ItemsMissing = outcome.MissingItems.Count,
                outcome.TextToImage,
                outcome.ImageToText,
            }));
            return;
        }

        Table table = Report.Table("direction", "queries", "R@1", "R@5", "R@10", "mean recall");
        AddRow(table, "text to image", outcome.QueryCount, outcome.TextToImage);
        AddRow(table, "image to text", outcome.ItemCount, outcome.ImageToText);
        Report.Write(Streams, table);
    }

    private static void AddRow(Table table, string direction, int count, RecallScores? scores)
    {
        if (scores is not null)
        {
            table.Row(
                [direction, Text(count, "0"), Text(scores.R1, "0.00"), Text(scores.R5, "0.00"), Text(scores.R10, "0.00"), Text(scores.MeanRecall, "0.00")]);
        }
    }

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private static Option<string?> FileOption(string name, string description, string helpName = "FILE") =>
        new(name) { Description = description, HelpName = helpName };
}
