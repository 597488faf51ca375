using System.Text.Json;
using ChineseClip.Abstractions;
using ChineseClip.Grains.Shards;
using ChineseClip.Storage;

namespace ChineseClip.Grains.Collections;

/// <summary>
/// The definitions of collections in the silo's storage, as JSON documents <c>collections/NAME</c>, and the aliases, each a document
/// <c>aliases/NAME</c> that is replaced atomically.
/// </summary>
/// <remarks>Threads: safe.</remarks>
internal sealed class CollectionStore(SiloStorage storage)
{
    private const string Prefix = "collections/";
    private const string AliasPrefix = "aliases/";
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>The collection of this name or alias; null when there is none.</summary>
    public async Task<CollectionDefinition?> ResolveAsync(string nameOrAlias, CancellationToken cancellationToken)
    {
        if (await FindAsync(nameOrAlias, cancellationToken) is { } definition)
        {
            return definition;
        }

        AliasDescription? alias = await FindAliasAsync(nameOrAlias, cancellationToken);
        return alias is null ? null : await FindAsync(alias.Collection, cancellationToken);
    }

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

    public Task ReplaceAsync(CollectionDefinition definition, CancellationToken cancellationToken) =>
        WriteAsync(new CollectionDocument(definition, IsDeleting: false), expectedVersion: null, cancellationToken);

    public Task MarkDeletingAsync(CollectionDefinition definition, CancellationToken cancellationToken) =>
        WriteAsync(new CollectionDocument(definition, IsDeleting: true), expectedVersion: null, cancellationToken);

    public Task RemoveAsync(string name, CancellationToken cancellationToken) =>
        storage.Shards.Documents.DeleteAsync(Prefix + name, expectedVersion: null, cancellationToken);

    public async Task<AliasDescription?> FindAliasAsync(string alias, CancellationToken cancellationToken)
    {
        StoredDocument? stored = await storage.Shards.Documents.ReadAsync(AliasPrefix + alias, cancellationToken);
        return stored is null ? null : Parse<AliasDescription>(stored);
    }

    public async Task<AliasDescription[]> ListAliasesAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<StoredDocument> stored = await storage.Shards.Documents.ListAsync(AliasPrefix, cancellationToken);
        return [.. stored.Select(Parse<AliasDescription>)];
    }

    public Task SetAliasAsync(AliasDescription alias, CancellationToken cancellationToken) => storage.Shards.Documents.WriteAsync(
        AliasPrefix + alias.Alias, JsonSerializer.SerializeToUtf8Bytes(alias, Json), expectedVersion: null, cancellationToken);

    public Task<bool> RemoveAliasAsync(string alias, CancellationToken cancellationToken) =>
        storage.Shards.Documents.DeleteAsync(AliasPrefix + alias, expectedVersion: null, cancellationToken);

    private Task<StoredDocument> WriteAsync(CollectionDocument document, long? expectedVersion, CancellationToken cancellationToken) =>
        storage.Shards.Documents.WriteAsync(
            Prefix + document.Definition.Name, JsonSerializer.SerializeToUtf8Bytes(document, Json), expectedVersion, cancellationToken);

    private static CollectionDocument Read(StoredDocument stored) => Parse<CollectionDocument>(stored);

    private static T Parse<T>(StoredDocument stored)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(stored.Content.Span, Json)
                ?? throw new JsonException("It is null.");
        }
        catch (JsonException exception)
        {
            throw new ClusterException(
                ErrorCode.Corrupt, $"The stored document {stored.Name} cannot be read: {exception.Message}", exception);
        }
    }
}
