namespace ChineseClip.Model;

/// <summary>Encodes token ids into embeddings. An interface because the forward pass is slow, and tests put a fake here.</summary>
public interface ITextEncoder : IDisposable
{
    /// <summary>Length of an embedding.</summary>
    int Dimension { get; }

    /// <summary>What runs it: <c>cpu</c>, <c>cuda</c> or <c>tensorrt</c>.</summary>
    string ExecutionProvider => "cpu";

    /// <summary>What did not go as configured, to be logged once by whoever logs.</summary>
    IReadOnlyList<string> Warnings => [];

    /// <summary>Encodes texts into embeddings, in input order. Blocks for the forward pass.</summary>
    /// <param name="tokenIds">For each text its ids, [CLS] first, without padding.</param>
    /// <remarks>
    /// Shape: [tokenIds.Count, Dimension], row-major float32.  Range: each row has L2 norm 1 ± 1e-4.
    /// Ownership: the caller owns the returned array.  Threads: safe.
    /// </remarks>
    /// <exception cref="ArgumentException">A text has no tokens, too many, or one outside the vocabulary.</exception>
    float[] Encode(IReadOnlyList<int[]> tokenIds);
}
