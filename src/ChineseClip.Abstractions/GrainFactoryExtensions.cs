namespace ChineseClip.Abstractions;

/// <summary>How the grains are reached.</summary>
public static class GrainFactoryExtensions
{
    /// <summary>The grain of collections' snapshots.</summary>
    public static ISnapshotsGrain Snapshots(this IGrainFactory grains) =>
        grains.GetGrain<ISnapshotsGrain>(GrainKeys.Single);

    /// <summary>The collections.</summary>
    /// <param name="grains">The factory.</param>
    /// <returns>The grain.</returns>
    public static ICollectionsGrain Collections(this IGrainFactory grains) =>
        grains.GetGrain<ICollectionsGrain>(GrainKeys.Single);

    /// <summary>The way items come in.</summary>
    /// <param name="grains">The factory.</param>
    /// <returns>The grain.</returns>
    public static IIngestGrain Ingest(this IGrainFactory grains) => grains.GetGrain<IIngestGrain>(GrainKeys.Worker());

    /// <summary>The way searches go.</summary>
    /// <param name="grains">The factory.</param>
    /// <returns>The grain.</returns>
    public static ISearchGrain Search(this IGrainFactory grains) => grains.GetGrain<ISearchGrain>(GrainKeys.Worker());

    /// <summary>The stored items.</summary>
    /// <param name="grains">The factory.</param>
    /// <returns>The grain.</returns>
    public static IItemsGrain Items(this IGrainFactory grains) => grains.GetGrain<IItemsGrain>(GrainKeys.Worker());

    /// <summary>The models.</summary>
    /// <param name="grains">The factory.</param>
    /// <returns>The grain.</returns>
    public static IInferenceGrain Inference(this IGrainFactory grains) =>
        grains.GetGrain<IInferenceGrain>(GrainKeys.Worker());

    /// <summary>The cluster's state.</summary>
    /// <param name="grains">The factory.</param>
    /// <returns>The grain.</returns>
    public static IClusterGrain Cluster(this IGrainFactory grains) => grains.GetGrain<IClusterGrain>(GrainKeys.Single);

    /// <summary>One encoder.</summary>
    /// <param name="grains">The factory.</param>
    /// <param name="model">The model's name.</param>
    /// <param name="modality"><see cref="GrainKeys.Text"/> or <see cref="GrainKeys.Image"/>.</param>
    /// <param name="ordinal">Which of several, from 0.</param>
    /// <returns>The grain.</returns>
    public static IEncoderGrain Encoder(this IGrainFactory grains, string model, string modality, int ordinal = 0) =>
        grains.GetGrain<IEncoderGrain>(GrainKeys.Encoder(model, modality, ordinal));

    /// <summary>One shard.</summary>
    /// <param name="grains">The factory.</param>
    /// <param name="collection">The collection's name.</param>
    /// <param name="ordinal">The shard's place, from 0.</param>
    /// <returns>The grain.</returns>
    public static IShardGrain Shard(this IGrainFactory grains, string collection, int ordinal) =>
        grains.GetGrain<IShardGrain>(GrainKeys.Shard(collection, ordinal));

    /// <summary>A reader of a shard; replicas count from 1.</summary>
    public static IShardReaderGrain ShardReader(this IGrainFactory grains, string collection, int ordinal, int replica) =>
        grains.GetGrain<IShardReaderGrain>(GrainKeys.ShardReader(collection, ordinal, replica));
}
