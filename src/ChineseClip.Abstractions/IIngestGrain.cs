namespace ChineseClip.Abstractions;

/// <summary>
/// The way items come in: decode, embed, store. Stateless worker, key <see cref="GrainKeys.Worker"/>.
/// </summary>
[Alias("cc.IIngestGrain")]
public interface IIngestGrain : IGrainWithIntegerKey
{
    /// <summary>Stores items; each succeeds or fails by itself, and those that succeeded are durable.</summary>
    /// <param name="items">The items.</param>
    /// <param name="cancellationToken">Gives up when cancelled.</param>
    /// <returns>One outcome an item, in input order.</returns>
    /// <exception cref="ClusterException">NotFound, InvalidInput (the batch as a whole).</exception>
    [Alias("PutAsync")]
    Task<ItemOutcome[]> PutAsync(PutItems items, CancellationToken cancellationToken = default);
}
