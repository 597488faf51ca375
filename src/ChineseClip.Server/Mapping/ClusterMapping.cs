using ChineseClip.Abstractions;
using ChineseClip.Contracts;
using Described = ChineseClip.Contracts.ClusterDescription;
using DescribedModel = ChineseClip.Contracts.ModelDescription;

namespace ChineseClip.Server.Mapping;

/// <summary>The cluster and its models as HTTP records.</summary>
internal static class ClusterMapping
{
    public static Described ToRecord(Abstractions.ClusterDescription cluster, string version) => new()
    {
        ClusterId = cluster.ClusterId,
        Version = version,
        Silos = [.. cluster.Silos.Select(silo => new SiloDescription
        {
            Address = silo.Address,
            Name = silo.Name,
            Status = silo.Status,
            Roles = silo.Roles,
        })],
        Shards = [.. cluster.Collections.SelectMany(CollectionMapping.ToRecords)],
        Encoders = [.. cluster.Encoders.Select(encoder => new EncoderDescription
        {
            Model = encoder.Model,
            Modality = encoder.Modality,
            Silo = encoder.Silo,
            EncodedCount = encoder.EncodedCount,
            BatchCount = encoder.BatchCount,
        })],
        Queues = [.. cluster.Queues.Select(queue => new QueueDescription
        {
            Name = queue.Name,
            Silo = queue.Silo,
            Depth = queue.Depth,
            Capacity = queue.Capacity,
        })],
    };

    public static DescribedModel ToRecord(Abstractions.ModelDescription model)
    {
        bool isAvailable = model.Status == ModelStatus.Available;
        return new DescribedModel
        {
            Name = model.Name,
            State = isAvailable ? "available" : "unavailable",
            Detail = model.Error,
            Architecture = model.Architecture,
            Dimension = isAvailable ? model.Dimension : null,
            ImageSize = isAvailable ? model.ImageSize : null,
            MaxTextLength = isAvailable ? model.MaxTextLength : null,
            Precision = model.Precision,
            Sha256 = model.Sha256,
            Source = model.Source,
        };
    }
}
