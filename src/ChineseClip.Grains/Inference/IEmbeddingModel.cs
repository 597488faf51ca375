using ChineseClip.Abstractions;
using ChineseClip.Model;

namespace ChineseClip.Grains.Inference;

/// <summary>One model: what it is, how inputs are prepared for it, and its encoders.</summary>
/// <remarks>Threads: safe.</remarks>
public interface IEmbeddingModel
{
    ModelDescription Description { get; }

    /// <summary>A text as the text encoder takes it, cut to the model's length.</summary>
    int[] Tokenize(string text);

    /// <summary>A picture file as the image encoder takes it. Heavy: not for the grain scheduler.</summary>
    /// <exception cref="ClusterException">InvalidInput or TooLarge, naming the input.</exception>
    byte[] Prepare(ReadOnlySpan<byte> file, string inputName);

    /// <summary>Loads an encoder; the caller disposes it.</summary>
    ITextEncoder CreateTextEncoder();

    /// <summary>Loads an encoder; the caller disposes it.</summary>
    IImageEncoder CreateImageEncoder();
}
