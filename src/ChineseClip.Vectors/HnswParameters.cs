using ChineseClip.Vectors.Kernels;
using ChineseClip.Vectors.Quantization;

namespace ChineseClip.Vectors;

/// <summary>How a graph index is built. The letters are those of Malkov and Yashunin (arXiv 1603.09320).</summary>
public sealed record HnswParameters
{
    public const int MaxDimension = 4096;
    public const int MaxM = 64;
    public const int MaxEf = 1 << 16;

    private const int CacheLineBytes = 64;
    private const int NodeBytes = 8;

    /// <summary>Length of every vector, 1..4096.</summary>
    public required int Dimension { get; init; }

    /// <summary>Edges a new node gets on each level, 2..64; level 0 keeps up to twice as many.</summary>
    public int M { get; init; } = 16;

    /// <summary>Size of the candidate pool while inserting, 1..65536.</summary>
    public int EfConstruction { get; init; } = 200;

    /// <summary>What a search reads of each candidate.</summary>
    public VectorQuantization Quantization { get; init; } = VectorQuantization.Sq7;

    /// <summary>Seed of the levels: the same inserts in the same order give the same graph.</summary>
    public ulong Seed { get; init; } = 42;

    /// <summary>Native memory of one vector on average; a table of more than a chunk (2 to 4 MiB) is rounded up to whole chunks.</summary>
    /// <remarks>
    /// Full vector + code, its squared length and from 256 dimensions on a sketch + edges of level 0 (and those learned) + node + edges of the
    /// levels above.
    /// </remarks>
    public double BytesPerVector =>
        RoundUp(Dimension * (Quantization == VectorQuantization.Sq7S16 ? sizeof(short) : sizeof(float)))
        + (Quantization == VectorQuantization.None ? 0 : RoundUp(Dimension) + sizeof(int) + SketchBytes)
        + RoundUp(((2 * M) + LearningParameters.MaxEdgesPerNode) * sizeof(int))
        + NodeBytes
        + (RoundUp(M * sizeof(int)) / (M - 1.0));    // a node is on M^-l of the levels l above 0

    private int SketchBytes => Dimension < PrincipalSketch.MinDimension ? 0 : SketchKernel.RowBytes;

    internal void ThrowIfInvalid()
    {
        ThrowIfOutside(Dimension, 1, MaxDimension, nameof(Dimension));
        ThrowIfOutside(M, 2, MaxM, nameof(M));
        ThrowIfOutside(EfConstruction, 1, MaxEf, nameof(EfConstruction));
        if (!Enum.IsDefined(Quantization))
        {
            throw new ArgumentOutOfRangeException(nameof(Quantization), Quantization, $"Quantization is {Quantization}; must be Sq7, None or Sq7S16.");
        }
    }

    private static int RoundUp(int bytes) => (bytes + CacheLineBytes - 1) / CacheLineBytes * CacheLineBytes;

    private static void ThrowIfOutside(int value, int min, int max, string name)
    {
        if (value < min || value > max)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}; must be {min}..{max}.");
        }
    }
}
