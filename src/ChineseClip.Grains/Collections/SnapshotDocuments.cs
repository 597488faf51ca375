using System.Text.Json;
using ChineseClip.Abstractions;
using ChineseClip.Storage;

namespace ChineseClip.Grains.Collections;

/// <summary>
/// The collections' snapshots as JSON documents <c>snapshots/COLLECTION/ID</c>. A document is written before the shards' snapshots are
/// taken and completed afterwards: a shard's snapshot that is part of one stays as long as its document.
/// </summary>
/// <remarks>Threads: safe.</remarks>
internal sealed class SnapshotDocuments(IDocumentStore documents)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public async Task<CollectionSnapshot?> FindAsync(string collection, string id, CancellationToken cancellationToken)
    {
        StoredDocument? stored = await documents.ReadAsync(Name(collection, id), cancellationToken).ConfigureAwait(false);
        return stored is null ? null : Read(stored.Content, stored.Name);
    }

    /// <summary>All of a collection, those that were never completed among them.</summary>
    public async Task<CollectionSnapshot[]> ListAsync(string collection, CancellationToken cancellationToken)
    {
        IReadOnlyList<StoredDocument> stored = await documents.ListAsync(Name(collection, ""), cancellationToken).ConfigureAwait(false);
        return [.. stored.Select(document => Read(document.Content, document.Name))];
    }

    public Task WriteAsync(CollectionSnapshot snapshot, CancellationToken cancellationToken) => documents.WriteAsync(
        Name(snapshot.Definition.Name, snapshot.Id), ToJson(snapshot), expectedVersion: null, cancellationToken);

    public Task RemoveAsync(CollectionSnapshot snapshot, CancellationToken cancellationToken) => documents.DeleteAsync(
        Name(snapshot.Definition.Name, snapshot.Id), expectedVersion: null, cancellationToken);

    public static byte[] ToJson(CollectionSnapshot snapshot) => JsonSerializer.SerializeToUtf8Bytes(snapshot, Json);

    /// <exception cref="ClusterException">Corrupt.</exception>
    public static CollectionSnapshot Read(ReadOnlyMemory<byte> json, string name)
    {
        try
        {
            return JsonSerializer.Deserialize<CollectionSnapshot>(json.Span, Json) ?? throw new JsonException("It is null.");
        }
        catch (JsonException exception)
        {
            throw new ClusterException(ErrorCode.Corrupt, $"{name} is no snapshot of a collection: {exception.Message}", exception);
        }
    }

    private static string Name(string collection, string id) => $"snapshots/{collection}/{id}";
}
