namespace ChineseClip.Abstractions;

/// <summary>One encoder of one model; batches what arrives together. Key <see cref="GrainKeys.Encoder"/>.</summary>
[Alias("cc.IEncoderGrain")]
public interface IEncoderGrain : IGrainWithStringKey
{
    /// <summary>Embeds texts.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="cancellationToken">Gives up when cancelled.</param>
    /// <returns>Unit vectors, in input order.</returns>
    /// <exception cref="ClusterException">Overloaded, Timeout or ModelUnavailable.</exception>
    [Alias("EncodeTextsAsync")]
    Task<EmbeddingBatch> EncodeTextsAsync(EncodeTexts texts, CancellationToken cancellationToken = default);

    /// <summary>Embeds pictures.</summary>
    /// <param name="images">The resized pictures.</param>
    /// <param name="cancellationToken">Gives up when cancelled.</param>
    /// <returns>Unit vectors, in input order.</returns>
    /// <exception cref="ClusterException">Overloaded, Timeout or ModelUnavailable.</exception>
    [Alias("EncodeImagesAsync")]
    Task<EmbeddingBatch> EncodeImagesAsync(EncodeImages images, CancellationToken cancellationToken = default);

    /// <summary>How it stands.</summary>
    /// <param name="cancellationToken">Gives up when cancelled.</param>
    /// <returns>Its state.</returns>
    /// <exception cref="ClusterException">ModelUnavailable.</exception>
    [Alias("DescribeAsync")]
    Task<EncoderState> DescribeAsync(CancellationToken cancellationToken = default);
}
