using System.CommandLine;
using System.Globalization;
using ChineseClip.Cli.Evaluation;
using ChineseClip.Cli.Inputs;
using ChineseClip.Cli.Output;
using ChineseClip.Cli.Running;
using ChineseClip.Contracts;
using ChineseClip.Model.Evaluation;
using Spectre.Console;

namespace ChineseClip.Cli.Commands;

/// <summary><c>eval retrieval</c>: recall of a collection on annotated queries.</summary>
internal sealed class EvalRetrievalCommand : CliCommand
{
    private readonly Option<string> _collection = SharedOptions.Collection();
    private readonly Option<int> _ef = SharedOptions.Number("--ef", "Candidates while searching; 0 leaves it to the server", 0, (0, 10_000));
    private readonly Option<bool> _exact = new("--exact") { Description = "Compare with every item." };
    private readonly Option<Uri> _server = SharedOptions.Server();
    private readonly Option<bool> _json = SharedOptions.Json();

    private readonly Option<string> _queries = new("--queries")
    {
        Description = "Annotated queries as JSON Lines: {\"query_id\",\"query_text\",\"item_ids\":[…]} or {\"text_id\",\"text\",\"image_ids\":[…]}.",
        HelpName = "FILE",
        Required = true,
    };

    public EvalRetrievalCommand(CliStreams streams)
        : base("retrieval", "Recall@1/5/10 and mean recall of a collection, text to image and image to text.", streams)
    {
        Add(_collection);
        Add(_queries);
        Add(_ef);
        Add(_exact);
        Add(_server);
        Add(_json);
    }

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        string path = parsed.GetRequiredValue(_queries);
        PictureFile.RequireFile(path);
        IReadOnlyList<RetrievalQuery> queries = RetrievalQueryFile.Read(path);
        using ServerConnection server = new(parsed.GetRequiredValue(_server));
        CollectionDescription collection = await server.Client.GetCollectionAsync(parsed.GetRequiredValue(_collection), cancellationToken);
        if (collection.Model is null)
        {
            throw new CommandFailedException($"The collection '{collection.Name}' holds ready vectors and has no model to embed texts.");
        }

        int itemCount = queries.SelectMany(query => query.ItemIds).Distinct(StringComparer.Ordinal).Count();
        RetrievalOutcome? outcome = null;
        await WorkProgress.RunAsync(Streams, "Evaluating retrieval", (2 * queries.Count) + itemCount, async advance =>
        {
            CollectionRetrieval retrieval = new(server.Client, collection)
            {
                Ef = parsed.GetValue(_ef) is > 0 and int ef ? ef : null,
                IsExact = parsed.GetValue(_exact),
                Advance = advance,
            };
            outcome = await retrieval.RunAsync(queries, cancellationToken);
        });
        await WriteAsync(collection.Name, outcome!, parsed.GetValue(_json));
    }

    private async Task WriteAsync(string collection, RetrievalOutcome outcome, bool asJson)
    {
        if (outcome.MissingItems.Count > 0)
        {
            await Streams.Error.WriteLineAsync(
                $"{outcome.MissingItems.Count} annotated items are not in the collection, the first of them '{outcome.MissingItems[0]}': no search can find them.");
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

    private static void AddRow(Table table, string direction, int count, RecallScores scores) => table.Row(
        [direction, Text(count, "0"), Text(scores.R1, "0.00"), Text(scores.R5, "0.00"), Text(scores.R10, "0.00"), Text(scores.MeanRecall, "0.00")]);

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
