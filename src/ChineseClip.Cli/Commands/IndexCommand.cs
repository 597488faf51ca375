using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using ChineseClip.Cli.Indexing;
using ChineseClip.Cli.Output;
using ChineseClip.Cli.Running;
using ChineseClip.Contracts;

namespace ChineseClip.Cli.Commands;

/// <summary><c>index</c>: a folder of pictures into a collection.</summary>
internal sealed class IndexCommand : CliCommand
{
    private readonly Argument<string> _source = new("source") { Description = "A folder of pictures (jpg, png, webp, gif, bmp), with the folders in it." };
    private readonly Option<string> _collection = SharedOptions.Collection();
    private readonly Option<Uri> _server = SharedOptions.Server();
    private readonly Option<bool> _resume = new("--resume") { Description = "Leave out what an earlier run has indexed and has not changed since." };
    private readonly Option<int> _batch = SharedOptions.Number("--batch", "Pictures in one request", 32, (1, 1000));
    private readonly Option<int> _parallel = SharedOptions.Number("--parallel", "Requests at once", 2, (1, 64));
    private readonly Option<bool> _json = SharedOptions.Json();

    private readonly Option<string?> _report = new("--report")
    {
        Description = $"Where pictures that cannot be indexed are listed, as JSON Lines; default: a file in {DataDirectories.Indexing}.",
        HelpName = "FILE",
    };

    public IndexCommand(CliStreams streams)
        : base("index", "Index a folder of pictures.", streams)
    {
        Add(_source);
        Add(_collection);
        Add(_server);
        Add(_resume);
        Add(_batch);
        Add(_parallel);
        Add(_report);
        Add(_json);
    }

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        string source = parsed.GetRequiredValue(_source);
        PictureFolder folder = PictureFolder.Scan(source);
        Uri address = parsed.GetRequiredValue(_server);
        using ServerConnection server = new(address);
        CollectionDescription collection = await server.Client.GetCollectionAsync(parsed.GetRequiredValue(_collection), cancellationToken);
        using IndexJournal journal = IndexJournal.Open(address, collection, source, parsed.GetValue(_resume));
        List<FolderPicture> wanted = [.. folder.Pictures.Where(picture => !journal.Contains(picture))];
        using FailureReport failures = new(parsed.GetValue(_report) ?? DefaultReport(collection.Name));
        int indexed = 0;
        Stopwatch watch = Stopwatch.StartNew();
        await WorkProgress.RunAsync(Streams, "Indexing pictures", wanted.Count, async advance =>
        {
            BatchIndexer indexer = new(server.Client, collection.Name)
            {
                BatchCount = parsed.GetValue(_batch),
                Parallelism = parsed.GetValue(_parallel),
                Indexed = pictures =>
                {
                    journal.Add(pictures);
                    Interlocked.Add(ref indexed, pictures.Count);
                    advance(pictures.Count);
                },
                Failed = (picture, error) =>
                {
                    failures.Add(picture, error);
                    advance(1);
                },
            };
            await indexer.RunAsync(wanted, cancellationToken);
        });
        Outcome outcome = new(indexed, folder.Pictures.Count - wanted.Count, failures.Count, folder.OtherCount, watch.Elapsed.TotalSeconds);
        await WriteAsync(outcome, failures, parsed.GetValue(_json));
    }

    private async Task WriteAsync(Outcome outcome, FailureReport failures, bool asJson)
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
                $"{outcome.Indexed} pictures indexed in {outcome.Seconds:0.0} s, {outcome.Already} were there already, {outcome.Failed} failed; {outcome.Others} other files left out."));
        if (failures.Count > 0)
        {
            throw new CommandFailedException($"{failures.Count} pictures could not be indexed; they are listed in {failures.Path}");
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
