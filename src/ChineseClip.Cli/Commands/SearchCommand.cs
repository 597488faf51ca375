using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ChineseClip.Cli.Inputs;
using ChineseClip.Cli.Output;
using ChineseClip.Cli.Running;
using ChineseClip.Client;
using ChineseClip.Contracts;

namespace ChineseClip.Cli.Commands;

/// <summary><c>search</c>: by text, picture, item or vector.</summary>
internal sealed class SearchCommand : CliCommand
{
    private readonly Option<string> _collection = SharedOptions.Collection();
    private readonly Option<string?> _text = new("--text") { Description = "Search by a text.", HelpName = "TEXT" };
    private readonly Option<string?> _image = new("--image") { Description = "Search by a picture file.", HelpName = "FILE" };
    private readonly Option<string?> _id = new("--id") { Description = "Search by an item of the collection.", HelpName = "ID" };
    private readonly Option<string?> _vector = new("--vector") { Description = "Search by a vector: a .npy file, or a JSON array.", HelpName = "FILE" };
    private readonly Option<int> _k = SharedOptions.Number("-k", "Hits", 10, (1, 1000));
    private readonly Option<int> _ef = SharedOptions.Number("--ef", "Candidates while searching; 0 leaves it to the server", 0, (0, 10_000));
    private readonly Option<bool> _exact = new("--exact") { Description = "Compare with every item." };
    private readonly Option<Uri> _server = SharedOptions.Server();
    private readonly Option<bool> _json = SharedOptions.Json();

    private readonly Option<Filter?> _filter = new("--filter")
    {
        Description = "Only items whose payload fits, such as {\"must\":[{\"field\":\"color\",\"match\":\"red\"}]}.",
        HelpName = "JSON",
        CustomParser = result =>
        {
            try
            {
                return JsonSerializer.Deserialize(result.Tokens[0].Value, ContractsJson.Default.Filter);
            }
            catch (JsonException exception)
            {
                result.AddError($"--filter is not a filter in JSON: {exception.Message}");
                return null;
            }
        },
    };

    public SearchCommand(CliStreams streams)
        : base("search", "Search a collection.", streams)
    {
        Add(_collection);
        Add(_text);
        Add(_image);
        Add(_id);
        Add(_vector);
        Add(_k);
        Add(_ef);
        Add(_filter);
        Add(_exact);
        Add(_server);
        Add(_json);
        Validators.Add(result =>
        {
            Option<string?>[] queries = [_text, _image, _id, _vector];
            int given = queries.Count(query => result.GetResult(query) is not null);
            if (given != 1)
            {
                result.AddError($"search has {given} of --text, --image, --id and --vector; must have exactly one.");
            }
        });
    }

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        SearchRequest request = new()
        {
            Text = parsed.GetValue(_text),
            Image = await ReadImageAsync(parsed.GetValue(_image), cancellationToken),
            Id = parsed.GetValue(_id),
            Vector = parsed.GetValue(_vector) is { } file ? ReadVector(file) : null,
            K = parsed.GetValue(_k),
            Ef = parsed.GetValue(_ef) is > 0 and int ef ? ef : null,
            Filter = parsed.GetValue(_filter),
            Exact = parsed.GetValue(_exact) ? true : null,
            WithPayload = true,
        };
        using ServerConnection server = new(parsed.GetRequiredValue(_server));
        SearchResponse answer = await AskAsync(
            server, parsed.GetRequiredValue(_collection), request, parsed.GetValue(_image) ?? parsed.GetValue(_vector), cancellationToken);
        if (parsed.GetValue(_json))
        {
            await Streams.Output.WriteLineAsync(JsonText.Of(answer));
            return;
        }

        Report.Write(Streams, HitTable.Of(answer.Hits));
        await Streams.Output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"{answer.Hits.Count} hits from {answer.ShardsAnswered} of {answer.ShardsAsked} shards in {answer.Timings.TotalMilliseconds:0.0} ms"));
    }

    /// <summary>The server knows the bytes of a file but not its name.</summary>
    private static async Task<SearchResponse> AskAsync(
        ServerConnection server, string collection, SearchRequest request, string? file, CancellationToken cancellationToken)
    {
        try
        {
            return await server.Client.SearchAsync(collection, request, cancellationToken);
        }
        catch (ChineseClipException exception) when (file is not null
            && exception.Code is ErrorCodes.InvalidInput or ErrorCodes.TooLarge or ErrorCodes.DimensionMismatch)
        {
            throw new CommandFailedException($"'{file}': {exception.Detail} [{exception.Code}]", exception);
        }
    }

    private static async Task<ImageSource?> ReadImageAsync(string? path, CancellationToken cancellationToken)
    {
        if (path is null)
        {
            return null;
        }

        PictureFile.RequireFile(path);
        return await ImageSources.FromFileAsync(path, cancellationToken);
    }

    private static float[] ReadVector(string path)
    {
        if (path.EndsWith(".npy", StringComparison.OrdinalIgnoreCase))
        {
            return NpyHeader.ReadVector(path);
        }

        try
        {
            return JsonText.Parse<float[]>(File.ReadAllText(path)) ?? throw new CommandFailedException($"'{path}' holds null; must be a JSON array of numbers.");
        }
        catch (JsonException exception)
        {
            throw new CommandFailedException($"'{path}' is neither a .npy file nor a JSON array of numbers: {exception.Message}", exception);
        }
    }
}
