using ChineseClip.Client;
using ChineseClip.Contracts;

namespace ChineseClip.Cli.Indexing;

/// <summary>Sends entries to a collection in batches, several at once.</summary>
internal sealed class BatchIndexer(IChineseClipClient client, string collection)
{
    /// <summary>The content of one request, in bytes; well below what a server accepts, base64 included.</summary>
    private const long BatchBytes = 8L << 20;

    /// <summary>Entries in one request.</summary>
    public int BatchCount { get; init; } = 32;

    /// <summary>Requests at once: one is encoded while the next is sent and decoded.</summary>
    public int Parallelism { get; init; } = 2;

    /// <summary>Called with what was acknowledged as durable.</summary>
    public required Action<IReadOnlyList<IndexEntry>> Indexed { get; init; }

    /// <summary>Called for each entry that was refused.</summary>
    public required Action<IndexEntry, ElementError> Failed { get; init; }

    /// <exception cref="ChineseClipException">The server cannot go on; what was acknowledged so far has been reported.</exception>
    public Task RunAsync(IEnumerable<IndexEntry> entries, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(
            Batches(entries),
            new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken },
            async (batch, token) => await SendAsync(batch, token));

    private async Task SendAsync(IReadOnlyList<IndexEntry> batch, CancellationToken cancellationToken)
    {
        List<IndexEntry> readable = [];
        List<PutItem> items = [];
        foreach (IndexEntry entry in batch)
        {
            try
            {
                items.Add(await entry.LoadAsync(cancellationToken));
                readable.Add(entry);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
            {
                Failed(entry, new ElementError { Code = ErrorCodes.InvalidInput, Detail = exception.Message });
            }
        }

        if (items.Count > 0)
        {
            await PutAsync(readable, items, cancellationToken);
        }
    }

    /// <summary>A batch refused as a whole, for a reason that will not pass, is sent one by one to find which entry it was.</summary>
    private async Task PutAsync(List<IndexEntry> entries, List<PutItem> items, CancellationToken cancellationToken)
    {
        PutItemsResponse answer;
        try
        {
            answer = await client.PutItemsAsync(collection, new PutItemsRequest { Items = items }, cancellationToken);
        }
        catch (ChineseClipException exception) when (exception.Code is ErrorCodes.InvalidInput or ErrorCodes.TooLarge or ErrorCodes.DimensionMismatch)
        {
            if (items.Count == 1)
            {
                Failed(entries[0], new ElementError { Code = exception.Code, Detail = exception.Detail });
                return;
            }

            for (int i = 0; i < items.Count; i++)
            {
                await PutAsync([entries[i]], [items[i]], cancellationToken);
            }

            return;
        }

        List<IndexEntry> indexed = [];
        for (int i = 0; i < answer.Results.Count; i++)
        {
            if (answer.Results[i].Error is { } error)
            {
                Failed(entries[i], error);
            }
            else
            {
                indexed.Add(entries[i]);
            }
        }

        Indexed(indexed);
    }

    private IEnumerable<IReadOnlyList<IndexEntry>> Batches(IEnumerable<IndexEntry> entries)
    {
        List<IndexEntry> batch = [];
        long bytes = 0;
        foreach (IndexEntry entry in entries)
        {
            if (batch.Count > 0 && (batch.Count == BatchCount || bytes + entry.ByteCount > BatchBytes))
            {
                yield return batch;
                batch = [];
                bytes = 0;
            }

            batch.Add(entry);
            bytes += entry.ByteCount;
        }

        if (batch.Count > 0)
        {
            yield return batch;
        }
    }
}
