using ChineseClip.Abstractions;
using ChineseClip.Contracts;
using Described = ChineseClip.Contracts.CollectionDescription;

namespace ChineseClip.Server.Mapping;

/// <summary>Collections and shards, HTTP records to and from grain messages.</summary>
internal static class CollectionMapping
{
    public static CreateCollection ToMessage(string name, CreateCollectionRequest request)
    {
        var message = new CreateCollection { Name = name, Model = request.Model, Dimension = request.Dimension };
        return message with
        {
            Shards = request.Shards ?? message.Shards,
            Replicas = request.Replicas ?? message.Replicas,
            M = request.Index?.M ?? message.M,
            EfConstruction = request.Index?.EfConstruction ?? message.EfConstruction,
            Quantization = request.Index?.Quantization ?? message.Quantization,
        };
    }

    public static Described ToRecord(Abstractions.CollectionDescription description)
    {
        CollectionDefinition definition = description.Definition;
        return new Described
        {
            Name = definition.Name,
            Model = definition.Model,
            ModelSha256 = definition.ModelSha256,
            Dimension = definition.Dimension,
            Status = Name(description.Status),
            ItemCount = description.ItemCount,
            Replicas = definition.Replicas,
            Index = new IndexSettings
            {
                M = definition.M,
                EfConstruction = definition.EfConstruction,
                Quantization = definition.Quantization,
            },
            CreatedAt = definition.CreatedAt,
            Aliases = description.Aliases,
            Shards = [.. description.Shards.Select(ToRecord)],
        };
    }

    public static ShardDescription ToRecord(ShardState shard) => new()
    {
        Collection = shard.Collection,
        Ordinal = shard.Ordinal,
        Status = Name(shard.Status),
        ItemCount = shard.Status == ShardStatus.Ready ? shard.ItemCount : null,
        Silo = shard.Silo,
        Epoch = shard.Status == ShardStatus.Ready ? shard.Epoch : null,
        Lsn = shard.Status == ShardStatus.Ready ? shard.Lsn : null,
        IndexBytes = shard.Status == ShardStatus.Ready ? shard.MemoryBytes : null,
        Detail = shard.Error,
    };

    private static string Name(CollectionStatus status) => status switch
    {
        CollectionStatus.Ready => "ready",
        CollectionStatus.Loading => "loading",
        CollectionStatus.Degraded => "degraded",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "An unknown status."),
    };

    private static string Name(ShardStatus status) => status switch
    {
        ShardStatus.Ready => "ready",
        ShardStatus.Loading => "loading",
        ShardStatus.Unavailable => "unavailable",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "An unknown status."),
    };
}
