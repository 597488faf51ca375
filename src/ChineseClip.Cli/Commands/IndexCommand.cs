using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using ChineseClip.Cli.Indexing;
using ChineseClip.Cli.Output;
using ChineseClip.Cli.Running;
using ChineseClip.Contracts;

namespace ChineseClip.Cli.Commands;

/// <summary><c>index</c>: pictures, texts or vectors into a collection.</summary>
internal sealed class IndexCommand : CliCommand
{
    private readonly Argument<string> _source = new("source") { Description = "A folder of pictures (jpg, png, webp, gif, bmp), with the folders in it; a .jsonl of items {\"id\",\"image\"|\"text\"|\"vector\",\"payload\"}; a .tsv of ids and pictures in base64; or a .npy of vectors." };
    private readonly Option<string> _collection = SharedOptions.Collection();
    private readonly Option<Uri> _server = SharedOptions.Server();
    private readonly Option<bool> _resume = new("--resume") { Description = "Leave out what an earlier run has indexed and has not changed since." };
    private readonly Option<int> _batch = SharedOptions.Number("--batch", "Items in one request", 32, (1, 1000));
    private readonly Option<int> _parallel = SharedOptions.Number("--parallel", "Requests at once", 2, (1, 64));
    private readonly Option<bool> _json = SharedOptions.Json();

    private readonly Option<string?> _report = new("--report")
    {
        Description = $"Where what cannot be indexed is listed, as JSON Lines; default: a file in {DataDirectories.Indexing}.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _ids = new("--ids") { Description = "The ids of a .npy file, one a line.", HelpName = "FILE" };

    public IndexCommand(CliStreams streams)
        : base("index", "Index a folder of pictures, or a .jsonl, .tsv or .npy file.", streams)
    {
        Add(_source);
        Add(_collection);
        Add(_server);
        Add(_ids);
        Add(_resume);
        Add(_batch);
        Add(_parallel);
        Add(_report);
        Add(_json);
    }

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        string path = parsed.GetRequiredValue(_source);
        IndexSource source = IndexSource.Open(path, parsed.GetValue(_ids));
        Uri address = parsed.GetRequiredValue(_server);
        using ServerConnection server = new(address);
        CollectionDescription collection = await server.Client.GetCollectionAsync(parsed.GetRequiredValue(_collection), cancellationToken);
        if (source.Dimension is { } dimension && dimension != collection.Dimension)
        {
            throw new CommandFailedException(
                $"'{path}' holds vectors of {dimension} dimensions and '{collection.Name}' takes {collection.Dimension}; must be equal.");
        }

        using IndexJournal journal = IndexJournal.Open(address, collection, path, parsed.GetValue(_resume));
        using FailureReport failures = new(parsed.GetValue(_report) ?? DefaultReport(collection.Name));
        int indexed = 0;
        int already = 0;
        Stopwatch watch = Stopwatch.StartNew();
        await WorkProgress.RunAsync(Streams, $"Indexing {source.Noun}", source.Count, async advance =>
        {
            BatchIndexer indexer = new(server.Client, collection.Name)
            {
                BatchCount = parsed.GetValue(_batch),
                Parallelism = parsed.GetValue(_parallel),
                Indexed = entries =>
                {
                    journal.Add(entries);
                    Interlocked.Add(ref indexed, entries.Count);
                    advance(entries.Count);
                },
                Failed = (entry, error) =>
                {
                    failures.Add(entry, error);
                    advance(1);
                },
            };
            await indexer.RunAsync(source.Entries().Where(IsWanted), cancellationToken);

            bool IsWanted(IndexEntry entry)
            {
                if (!journal.Contains(entry))
                {
                    return true;
                }

                already++; // the sequence is read by one thread at a time
                advance(1);
                return false;
            }
        });
        Outcome outcome = new(indexed, already, failures.Count, source.OtherCount, watch.Elapsed.TotalSeconds);
        await WriteAsync(source.Noun, outcome, failures, parsed.GetValue(_json));
    }

    private async Task WriteAsync(string noun, Outcome outcome, FailureReport failures, bool asJson)
    {
        await Streams.Output.WriteLineAsync(asJson
            ? JsonText.Of(new
            {
                outcome.Indexed,
                AlreadyIndexed = outcome.Already,
                outcome.Failed,
                NotPictures = outcome.Others,
                outcome.Seconds,
                Report = failures.Count > 0 ? failures.Path : null,
            })
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{outcome.Indexed} {noun} indexed in {outcome.Seconds:0.0} s, {outcome.Already} were there already, {outcome.Failed} failed; {outcome.Others} other files left out."));
        if (failures.Count > 0)
        {
            throw new CommandFailedException($"{failures.Count} {noun} could not be indexed; they are listed in {failures.Path}");
        }
    }

    private static string DefaultReport(string collection)
    {
        string name = string.Concat(collection.Select(character => char.IsLetterOrDigit(character) ? character : '_'));
        return Path.Combine(
            DataDirectories.Indexing, string.Create(CultureInfo.InvariantCulture, $"{name}-{DateTime.UtcNow:yyyyMMdd'T'HHmmss}-failures.jsonl"));
    }

    private sealed record Outcome(int Indexed, int Already, int Failed, int Others, double Seconds);
}
