namespace ChineseClip.Abstractions;

/// <summary>
/// The models, for callers who want embeddings and not a collection. Stateless worker, key <see
/// cref="GrainKeys.Worker"/>.
/// </summary>
[Alias("cc.IInferenceGrain")]
public interface IInferenceGrain : IGrainWithIntegerKey
{
    /// <summary>Embeds texts.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="cancellationToken">Gives up when cancelled.</param>
    /// <returns>Unit vectors, in input order.</returns>
    /// <exception cref="ClusterException">
    /// InvalidInput (with the failing element), NotFound, Overloaded or Timeout.
    /// </exception>
    [Alias("EmbedTextsAsync")]
    Task<EmbeddingBatch> EmbedTextsAsync(EmbedTexts texts, CancellationToken cancellationToken = default);

    /// <summary>Embeds pictures.</summary>
    /// <param name="images">The picture files.</param>
    /// <param name="cancellationToken">Gives up when cancelled.</param>
    /// <returns>Unit vectors, in input order.</returns>
    /// <exception cref="ClusterException">
    /// InvalidInput or TooLarge (with the failing element), NotFound, Overloaded or Timeout.
    /// </exception>
    [Alias("EmbedImagesAsync")]
    Task<EmbeddingBatch> EmbedImagesAsync(EmbedImages images, CancellationToken cancellationToken = default);

    /// <summary>Compares every picture with every text.</summary>
    /// <param name="query">Pictures and texts.</param>
    /// <param name="cancellationToken">Gives up when cancelled.</param>
    /// <returns>Logits and probabilities.</returns>
    /// <exception cref="ClusterException">as for embedding.</exception>
    [Alias("SimilarityAsync")]
    Task<SimilarityAnswer> SimilarityAsync(SimilarityQuery query, CancellationToken cancellationToken = default);

    /// <summary>Sorts pictures under labels without training.</summary>
    /// <param name="query">Pictures and labels.</param>
    /// <param name="cancellationToken">Gives up when cancelled.</param>
    /// <returns>The labels, most likely first.</returns>
    /// <exception cref="ClusterException">as for embedding.</exception>
    [Alias("ClassifyAsync")]
    Task<ClassifyAnswer> ClassifyAsync(ClassifyQuery query, CancellationToken cancellationToken = default);

    /// <summary>The configured models, by name.</summary>
    /// <param name="cancellationToken">Gives up when cancelled.</param>
    /// <returns>The models.</returns>
    [Alias("ModelsAsync")]
    Task<ModelDescription[]> ModelsAsync(CancellationToken cancellationToken = default);
}
