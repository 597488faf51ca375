namespace ChineseClip.Abstractions;

/// <summary>The cluster's state. Key <see cref="GrainKeys.Single"/>.</summary>
[Alias("cc.IClusterGrain")]
public interface IClusterGrain : IGrainWithStringKey
{
    /// <summary>Silos, collections, encoders and queues.</summary>
    /// <param name="cancellationToken">Gives up when cancelled.</param>
    /// <returns>The description.</returns>
    [Alias("DescribeAsync")]
    Task<ClusterDescription> DescribeAsync(CancellationToken cancellationToken = default);

    /// <summary>Whether every shard answers and every model is available.</summary>
    /// <param name="cancellationToken">Gives up when cancelled.</param>
    /// <returns>The answer, with what is missing.</returns>
    [Alias("ReadinessAsync")]
    Task<ClusterReadiness> ReadinessAsync(CancellationToken cancellationToken = default);
}
