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
            Learns = request.Index?.Learns ?? message.Learns,
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
                Learns = definition.Learns,
            },
            CreatedAt = definition.CreatedAt,
            Aliases = description.Aliases,
            Shards = ToRecords(description),
        };
    }

    public static ShardDescription[] ToRecords(Abstractions.CollectionDescription description) =>
    [
        .. description.Shards.Select(shard =>
            ToRecord(shard, [.. description.Readers.Where(reader => reader.Ordinal == shard.Ordinal)])),
    ];

    private static ShardDescription ToRecord(ShardState shard, ShardState[] readers)
    {
        bool isOpen = shard.Status is ShardStatus.Ready or ShardStatus.Rebuilding;
        return new ShardDescription
        {
            Collection = shard.Collection,
            Ordinal = shard.Ordinal,
            Status = Name(shard.Status),
            ItemCount = isOpen ? shard.ItemCount : null,
            UnlinkedCount = isOpen && shard.UnlinkedCount > 0 ? shard.UnlinkedCount : null,
            Silo = shard.Silo,
            Epoch = isOpen ? shard.Epoch : null,
            Lsn = isOpen ? shard.Lsn : null,
            SnapshotLsn = shard.SnapshotLsn,
            SnapshotAt = shard.SnapshotAt,
            IndexBytes = isOpen ? shard.MemoryBytes : null,
            Replicas = readers.Length == 0 ? null : [.. readers.Select(ToReplica)],
            Learning = shard.Learning is { } learning ? ToRecord(learning) : null,
            Detail = shard.Error,
        };
    }

    private static ReplicaDescription ToReplica(ShardState reader) => new()
    {
        Replica = reader.Replica,
        Status = Name(reader.Status),
        Silo = reader.Silo,
        Lsn = reader.Lag is null ? null : reader.Lsn,
        LagMilliseconds = reader.Lag?.TotalMilliseconds,
        Detail = reader.Error,
    };

    private static LearningDescription ToRecord(LearningState learning) => new()
    {
        QueriesSeen = learning.QueriesSeen,
        QueriesLearned = learning.QueriesLearned,
        EdgesAdded = learning.EdgesAdded,
        Recall = learning.Recall,
        RecallWithoutLearning = learning.RecallWithoutLearning,
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
        ShardStatus.Rebuilding => "rebuilding",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "An unknown status."),
    };
}
