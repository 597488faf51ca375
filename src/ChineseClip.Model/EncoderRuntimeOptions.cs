namespace ChineseClip.Model;

/// <summary>How an encoder runs on this machine.</summary>
public sealed record EncoderRuntimeOptions
{
    /// <summary>Threads for one forward pass; 0 leaves it to the runtime (all physical cores). Range: 0..1024.</summary>
    public int IntraOpThreads { get; init; }

    /// <summary>Whether those threads burn processor time while waiting for work. Off: cores are shared with the rest of the silo.</summary>
    public bool AllowSpinning { get; init; }

    /// <summary>
    /// Whether the CPU's kernels keep the matrices in an order of their own. Off: the package's files are used where they lie, mapped,
    /// so that an encoder is ready at once and processes share the memory; short texts then take about half as long again, pictures a tenth.
    /// </summary>
    public bool PackWeights { get; init; } = true;

    /// <summary><c>cuda</c>, <c>tensorrt</c>, <c>cpu</c> in order of preference; the CPU always takes what is left.</summary>
    public IReadOnlyList<string> ExecutionProviders { get; init; } = ["cpu"];

    /// <summary>Whether a wanted accelerator that is absent is an error rather than a warning.</summary>
    public bool RequireAccelerator { get; init; }
}
