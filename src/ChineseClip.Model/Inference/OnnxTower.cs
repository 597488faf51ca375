using Microsoft.ML.OnnxRuntime;

namespace ChineseClip.Model.Inference;

/// <summary>One tower's session: tensors in, unit rows out.</summary>
/// <remarks>Threads: <see cref="Run"/> may be called by many at once.</remarks>
internal sealed class OnnxTower : IDisposable
{
    private static readonly string[] EmbeddingName = ["embedding"];
    private static readonly string[] FeatureName = ["features"];
    private readonly InferenceSession _session;
    private readonly RunOptions _runOptions = new();
    private readonly string _path;

    public OnnxTower(string path, int dimension, EncoderRuntimeOptions options)
    {
        _path = path;
        Dimension = dimension;
        (_session, ExecutionProvider, Warnings) = TowerSession.Open(path, options);
    }

    public int Dimension { get; }

    public string ExecutionProvider { get; }

    public IReadOnlyList<string> Warnings { get; }

    /// <summary>One forward pass.</summary>
    /// <param name="inputNames">Names of the inputs.</param>
    /// <param name="inputs">The inputs, in the order of their names.</param>
    /// <param name="rows">Receives [batch, Dimension].</param>
    /// <param name="batch">Rows of the inputs.</param>
    /// <param name="isNormalized">Whether the rows are to be of unit length, or the projection as it is.</param>
    public void Run(string[] inputNames, OrtValue[] inputs, Memory<float> rows, int batch, bool isNormalized = true)
    {
        using OrtValue output = OrtValue.CreateTensorValueFromMemory(
            OrtMemoryInfo.DefaultInstance, rows[..(batch * Dimension)], [batch, Dimension]);
        _session.Run(_runOptions, inputNames, inputs, isNormalized ? EmbeddingName : FeatureName, [output]);
        foreach (float value in rows.Span[..(batch * Dimension)])
        {
            if (!float.IsFinite(value))
            {
                throw new ModelFormatException(_path, $"gave an embedding with {value} in it; its weights cannot be right");
            }
        }
    }

    public void Dispose()
    {
        _runOptions.Dispose();
        _session.Dispose();
    }
}
