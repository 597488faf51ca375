namespace ChineseClip.Grains.Configuration;

/// <summary>The models and how they are run.</summary>
public sealed class InferenceOptions
{
    public const string Section = "Inference";

    /// <summary>Name to package directory.</summary>
    public IDictionary<string, string> Models { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary><c>cuda</c>, <c>tensorrt</c>, <c>cpu</c> in order of preference. Default: the CPU.</summary>
    public IList<string> ExecutionProviders { get; } = [];

    /// <summary>Whether a silo without the wanted accelerator refuses to start. Default: false.</summary>
    public bool RequireAccelerator { get; set; }

    /// <summary>Threads of one forward pass; 0 leaves it to the runtime. Default: 0; range 0..1024.</summary>
    [Between(0, 1024)]
    public int IntraOpThreads { get; set; }

    /// <summary>
    /// Whether the CPU's kernels keep the weights in an order of their own: faster, for half a second of start and private memory.
    /// Off: processes on one machine share the mapped files. Default: true.
    /// </summary>
    public bool PackWeights { get; set; } = true;

    /// <summary>Inputs in one forward pass. Default: 16; range 1..256.</summary>
    [Between(1, 256)]
    public int MaxBatchSize { get; set; } = 16;

    /// <summary>How long the first input of a batch waits for others. Default: 2 ms; range 0..1 s.</summary>
    [Between(0, 1000)]
    public TimeSpan MaxBatchDelay { get; set; } = TimeSpan.FromMilliseconds(2);

    /// <summary>Inputs that may wait for one encoder. Default: 1,024; range 1..65,536.</summary>
    [Between(1, 65536)]
    public int MaxQueueLength { get; set; } = 1024;

    /// <summary>Encoders of each modality a model has in the cluster. Default: 1; range 1..64.</summary>
    [Between(1, 64)]
    public int EncoderCount { get; set; } = 1;
}
