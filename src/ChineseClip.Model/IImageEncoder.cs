namespace ChineseClip.Model;

/// <summary>Encodes pictures into embeddings. An interface because the forward pass is slow, and tests put a fake here.</summary>
public interface IImageEncoder : IDisposable
{
    /// <summary>Length of an embedding.</summary>
    int Dimension { get; }

    /// <summary>Width and height of the pictures it takes, in pixels.</summary>
    int ImageSize { get; }

    /// <summary>What runs it: <c>cpu</c>, <c>cuda</c> or <c>tensorrt</c>.</summary>
    string ExecutionProvider => "cpu";

    /// <summary>What did not go as configured, to be logged once by whoever logs.</summary>
    IReadOnlyList<string> Warnings => [];

    /// <summary>Encodes pictures into embeddings, in input order. Blocks for the forward pass.</summary>
    /// <param name="rgb">For each picture ImageSize·ImageSize·3 bytes, row by row, red green blue: what ImageProcessor.Resize gives.</param>
    /// <remarks>
    /// Shape: [rgb.Count, Dimension], row-major float32.  Range: each row has L2 norm 1 ± 1e-4.
    /// Ownership: the caller owns the returned array.  Threads: safe.
    /// </remarks>
    /// <exception cref="ArgumentException">A picture has another number of bytes.</exception>
    float[] Encode(IReadOnlyList<ReadOnlyMemory<byte>> rgb);
}
