using ChineseClip.Cli.Output;
using ChineseClip.Client;
using ChineseClip.Contracts;

namespace ChineseClip.Cli.Indexing;

/// <summary>Sends pictures to a collection in batches, several at once.</summary>
internal sealed class BatchIndexer(IChineseClipClient client, string collection)
{
    /// <summary>The encoded files of one request, in bytes; well below what a server accepts, base64 included.</summary>
    private const long BatchBytes = 8L << 20;

    /// <summary>Pictures in one request.</summary>
    public int BatchCount { get; init; } = 32;

    /// <summary>Requests at once: one is encoded while the next is sent and decoded.</summary>
    public int Parallelism { get; init; } = 2;

    /// <summary>Called with what was acknowledged as durable.</summary>
    public required Action<IReadOnlyList<FolderPicture>> Indexed { get; init; }

    /// <summary>Called for each picture that was refused.</summary>
    public required Action<FolderPicture, ElementError> Failed { get; init; }

    /// <exception cref="ChineseClipException">The server cannot go on; what was acknowledged so far has been reported.</exception>
    public Task RunAsync(IEnumerable<FolderPicture> pictures, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(
            Batches(pictures),
            new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken },
            async (batch, token) => await SendAsync(batch, token));

    private async Task SendAsync(IReadOnlyList<FolderPicture> batch, CancellationToken cancellationToken)
    {
        List<FolderPicture> readable = [];
        List<PutItem> items = [];
        foreach (FolderPicture picture in batch)
        {
            try
            {
                items.Add(new PutItem
                {
                    Id = picture.Id,
                    Image = await ImageSources.FromFileAsync(picture.Path, cancellationToken),
                    Payload = JsonText.ToElement(new { File = picture.Id, picture.Path }),
                });
                readable.Add(picture);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                Failed(picture, new ElementError { Code = ErrorCodes.InvalidInput, Detail = exception.Message });
            }
        }

        if (items.Count > 0)
        {
            await PutAsync(readable, items, cancellationToken);
        }
    }

    /// <summary>A batch refused as a whole, for a reason that will not pass, is sent one by one to find which picture it was.</summary>
    private async Task PutAsync(List<FolderPicture> pictures, List<PutItem> items, CancellationToken cancellationToken)
    {
        PutItemsResponse answer;
        try
        {
            answer = await client.PutItemsAsync(collection, new PutItemsRequest { Items = items }, cancellationToken);
        }
        catch (ChineseClipException exception) when (exception.Code is ErrorCodes.InvalidInput or ErrorCodes.TooLarge)
        {
            if (items.Count == 1)
            {
                Failed(pictures[0], new ElementError { Code = exception.Code, Detail = exception.Detail });
                return;
            }

            for (int i = 0; i < items.Count; i++)
            {
                await PutAsync([pictures[i]], [items[i]], cancellationToken);
            }

            return;
        }

        List<FolderPicture> indexed = [];
        for (int i = 0; i < answer.Results.Count; i++)
        {
            if (answer.Results[i].Error is { } error)
            {
                Failed(pictures[i], error);
            }
            else
            {
                indexed.Add(pictures[i]);
            }
        }

        Indexed(indexed);
    }

    private IEnumerable<IReadOnlyList<FolderPicture>> Batches(IEnumerable<FolderPicture> pictures)
    {
        List<FolderPicture> batch = [];
        long bytes = 0;
        foreach (FolderPicture picture in pictures)
        {
            if (batch.Count > 0 && (batch.Count == BatchCount || bytes + picture.ByteCount > BatchBytes))
            {
                yield return batch;
                batch = [];
                bytes = 0;
            }

            batch.Add(picture);
            bytes += picture.ByteCount;
        }

        if (batch.Count > 0)
        {
            yield return batch;
        }
    }
}
