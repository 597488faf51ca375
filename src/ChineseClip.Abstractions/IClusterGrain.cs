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

    /// <summary>Whether what silos of these roles need is there: the shards answer, the models are available.</summary>
    /// <remarks>A silo that only holds shards does not wait for models, one that only embeds does not wait for shards; a gateway waits for both.</remarks>
    /// <param name="roles">The roles that are asked about: <c>gateway</c>, <c>shards</c>, <c>inference</c>.</param>
    /// <param name="cancellationToken">Gives up when cancelled.</param>
    /// <returns>The answer, with what is missing.</returns>
    [Alias("ReadinessAsync")]
    Task<ClusterReadiness> ReadinessAsync(string[] roles, CancellationToken cancellationToken = default);
}
