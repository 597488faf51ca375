using Microsoft.ML.OnnxRuntime;

namespace ChineseClip.Model.Inference;

/// <summary>A graph loaded into ONNX Runtime, and what it runs on.</summary>
internal sealed record TowerSession(InferenceSession Session, string ExecutionProvider, IReadOnlyList<string> Warnings)
{
    private const string WeightExtension = ".weights";

    static TowerSession() => RuntimeTelemetry.SwitchOff();

    /// <exception cref="ModelFormatException">ONNX Runtime does not load the graph.</exception>
    /// <exception cref="UnauthorizedAccessException">The graph or its weights may not be read.</exception>
    public static TowerSession Open(string path, EncoderRuntimeOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.IntraOpThreads);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.IntraOpThreads, 1024);

        // ONNX Runtime has no words for a file that may not be read.
        File.OpenHandle(path).Dispose();
        File.OpenHandle(Path.ChangeExtension(path, WeightExtension)).Dispose();
        using var session = new SessionOptions
        {
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            IntraOpNumThreads = options.IntraOpThreads,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        session.AddSessionConfigEntry("session.intra_op.allow_spinning", options.AllowSpinning ? "1" : "0");
        session.AddSessionConfigEntry("session.disable_prepacking", options.PackWeights ? "0" : "1");
        (string provider, IReadOnlyList<string> warnings) = ExecutionProviders.Append(session, options);
        try
        {
            return new TowerSession(new InferenceSession(path, session), provider, warnings);
        }
        catch (OnnxRuntimeException e)
        {
            throw new ModelFormatException(path, $"ONNX Runtime does not load it: {e.Message}", e);
        }
    }
}
