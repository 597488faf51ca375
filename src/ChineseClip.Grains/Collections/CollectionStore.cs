using System.Text.Json;
using ChineseClip.Abstractions;
using ChineseClip.Grains.Shards;
using ChineseClip.Storage;

namespace ChineseClip.Grains.Collections;

/// <summary>The definitions of collections in the silo's storage, as JSON documents <c>collections/NAME</c>.</summary>
/// <remarks>Threads: safe.</remarks>
internal sealed class CollectionStore(SiloStorage storage)
{
    private const string Prefix = "collections/";
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public async Task<CollectionDefinition?> FindAsync(string name, CancellationToken cancellationToken)
    {
        StoredDocument? stored = await storage.Shards.Documents.ReadAsync(Prefix + name, cancellationToken);
        return stored is not null && Read(stored) is { IsDeleting: false } document ? document.Definition : null;
    }

    public async Task<IReadOnlyList<CollectionDocument>> ListAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<StoredDocument> stored = await storage.Shards.Documents.ListAsync(Prefix, cancellationToken);
        return [.. stored.Select(Read)];
    }

    /// <exception cref="StorageException">Conflict: there is one already.</exception>
    public Task AddAsync(CollectionDefinition definition, CancellationToken cancellationToken) =>
        WriteAsync(new CollectionDocument(definition, IsDeleting: false), expectedVersion: 0, cancellationToken);

    public Task MarkDeletingAsync(CollectionDefinition definition, CancellationToken cancellationToken) =>
        WriteAsync(new CollectionDocument(definition, IsDeleting: true), expectedVersion: null, cancellationToken);

    public Task RemoveAsync(string name, CancellationToken cancellationToken) =>
        storage.Shards.Documents.DeleteAsync(Prefix + name, expectedVersion: null, cancellationToken);

    private Task<StoredDocument> WriteAsync(CollectionDocument document, long? expectedVersion, CancellationToken cancellationToken) =>
        storage.Shards.Documents.WriteAsync(
            Prefix + document.Definition.Name, JsonSerializer.SerializeToUtf8Bytes(document, Json), expectedVersion, cancellationToken);

    private static CollectionDocument Read(StoredDocument stored)
    {
        try
        {
            return JsonSerializer.Deserialize<CollectionDocument>(stored.Content.Span, Json)
                ?? throw new JsonException("It is null.");
        }
        catch (JsonException exception)
        {
            throw new ClusterException(
                ErrorCode.Corrupt, $"The stored document {stored.Name} is no collection: {exception.Message}", exception);
        }
    }
}
