namespace ChineseClip.Abstractions;

/// <summary>A copy of a shard that follows its log. Its key is <see cref="GrainKeys.ShardReader"/>.</summary>
[Alias("cc.IShardReaderGrain")]
public interface IShardReaderGrain : IShardReads
{
    /// <summary>Ends this activation, for instance because its collection is gone.</summary>
    [Alias("StopAsync")]
    Task StopAsync(CancellationToken cancellationToken = default);

    /// <summary>Moves to another silo.</summary>
    [Alias("HandOverAsync")]
    Task HandOverAsync(SiloAddress target, CancellationToken cancellationToken = default);
}
