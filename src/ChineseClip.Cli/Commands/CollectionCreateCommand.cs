using System.CommandLine;
using ChineseClip.Cli.Output;
using ChineseClip.Cli.Running;
using ChineseClip.Contracts;

namespace ChineseClip.Cli.Commands;

/// <summary><c>collection create</c>.</summary>
internal sealed class CollectionCreateCommand : CliCommand
{
    private readonly Argument<string> _name = SharedOptions.CollectionName();
    private readonly Option<string> _model = new("--model") { Description = "A model the server knows by this name.", HelpName = "NAME", Required = true };
    private readonly Option<int> _shards = SharedOptions.Number("--shards", "Shards, fixed for the collection's life", 4, (1, 256));
    private readonly Option<int> _replicas = SharedOptions.Number("--replicas", "Copies of each shard", 1, (1, 8));
    private readonly Option<int> _m = SharedOptions.Number("--m", "Edges of a graph node", 16, (2, 64));
    private readonly Option<int> _efConstruction = SharedOptions.Number("--ef-construction", "Candidates when building the graph", 200, (8, 4096));
    private readonly Option<string?> _quantization = new("--quantization") { Description = "How vectors are kept for searching." };
    private readonly Option<Uri> _server = SharedOptions.Server();
    private readonly Option<bool> _json = SharedOptions.Json();

    public CollectionCreateCommand(CliStreams streams)
        : base("create", "Create a collection.", streams)
    {
        _quantization.AcceptOnlyFromAmong("none", "sq7", "sq7+s16");
        Add(_name);
        Add(_model);
        Add(_shards);
        Add(_replicas);
        Add(_m);
        Add(_efConstruction);
        Add(_quantization);
        Add(_server);
        Add(_json);
    }

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using ServerConnection server = new(parsed.GetRequiredValue(_server));
        CreateCollectionRequest request = new()
        {
            Model = parsed.GetRequiredValue(_model),
            Shards = parsed.GetValue(_shards),
            Replicas = parsed.GetValue(_replicas),
            Index = new IndexSettings
            {
                M = parsed.GetValue(_m),
                EfConstruction = parsed.GetValue(_efConstruction),
                Quantization = parsed.GetValue(_quantization),
            },
        };
        CollectionDescription created = await server.Client.CreateCollectionAsync(parsed.GetRequiredValue(_name), request, cancellationToken);
        await CollectionReport.WriteAsync(Streams, created, parsed.GetValue(_json));
    }
}
