using System.Diagnostics;
using System.Text.Json.Nodes;
using ChineseClip.Cli.Output;
using ChineseClip.Cli.Running;
using ChineseClip.Client;
using ChineseClip.Contracts;
using ChineseClip.Demo;

namespace ChineseClip.Cli.DemoRun;

/// <summary>The collection <c>demo</c>: made anew, or the complete one of an earlier run.</summary>
internal sealed class DemoCollection(IChineseClipClient client, DemoSettings settings, CliStreams streams)
{
    public const string Name = "demo";

    public const string Model = DemoModel.Name;

    private const int ShardCount = 4;

    /// <summary>Pictures in one request.</summary>
    private const int BatchCount = 32;

    /// <summary>Requests at once, so that one is decoded while another is encoded.</summary>
    private const int Parallelism = 3;

    /// <summary>True when an earlier run has indexed the very same pictures with the very same model, and they are all there.</summary>
    public async Task<bool> IsCompleteAsync(DemoState? state, string modelSha256, CancellationToken cancellationToken)
    {
        if (state is null || state.Images != settings.Images || state.Seed != settings.Seed || state.ModelSha256 != modelSha256)
        {
            return false;
        }

        CollectionDescription? found = await FindAsync(cancellationToken);
        return found?.ItemCount == settings.Images && found.ModelSha256 == modelSha256;
    }

    /// <summary>Replaces the collection and indexes the pictures; gives how long indexing took.</summary>
    public async Task<TimeSpan> IndexAsync(IReadOnlyList<DemoPicture> pictures, CancellationToken cancellationToken)
    {
        if (await FindAsync(cancellationToken) is not null)
        {
            await client.DeleteCollectionAsync(Name, cancellationToken);
        }

        await client.CreateCollectionAsync(Name, new CreateCollectionRequest { Model = Model, Shards = ShardCount }, cancellationToken);
        Stopwatch watch = Stopwatch.StartNew();
        await WorkProgress.RunAsync(streams, "Indexing pictures", pictures.Count, advance => Parallel.ForEachAsync(
            pictures.Chunk(BatchCount),
            new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Parallelism },
            async (batch, token) =>
            {
                await PutAsync(batch, token);
                advance(batch.Length);
            }));
        return watch.Elapsed;
    }

    private async Task<CollectionDescription?> FindAsync(CancellationToken cancellationToken)
    {
        CollectionList list = await client.ListCollectionsAsync(cancellationToken);
        return list.Collections.FirstOrDefault(collection => collection.Name == Name);
    }

    private async Task PutAsync(DemoPicture[] batch, CancellationToken cancellationToken)
    {
        PutItemsRequest request = new() { Items = [.. batch.Select(Item)] };
        PutItemsResponse answer = await client.PutItemsAsync(Name, request, cancellationToken);
        if (answer.Results.FirstOrDefault(result => result.Error is not null) is { } failed)
        {
            throw new CommandFailedException($"The picture '{failed.Id}' could not be indexed: {failed.Error!.Detail} [{failed.Error.Code}]");
        }
    }

    private PutItem Item(DemoPicture picture)
    {
        string path = Path.Combine(settings.PictureDirectory, picture.FileName);
        JsonObject payload = picture.Payload();
        payload["path"] = path; // from here the page gets the picture
        return new PutItem { Id = picture.Id, Image = ImageSources.FromServerPath(path), Payload = JsonText.ToElement(payload) };
    }
}
