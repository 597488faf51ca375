namespace ChineseClip.Model;

/// <summary>How an encoder runs on this machine.</summary>
public sealed record EncoderRuntimeOptions
{
    /// <summary>Threads for one forward pass; 0 leaves it to the runtime (all physical cores). Range: 0..1024.</summary>
    public int IntraOpThreads { get; init; }

    /// <summary>Whether those threads burn processor time while waiting for work. Off: cores are shared with the rest of the silo.</summary>
    public bool AllowSpinning { get; init; }

    /// <summary><c>cuda</c>, <c>tensorrt</c>, <c>cpu</c> in order of preference; the CPU always takes what is left.</summary>
    public IReadOnlyList<string> ExecutionProviders { get; init; } = ["cpu"];

    /// <summary>Whether a wanted accelerator that is absent is an error rather than a warning.</summary>
    public bool RequireAccelerator { get; init; }
}
