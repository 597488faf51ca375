using ChineseClip.Model.Checkpoints;
using ChineseClip.Model.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace ChineseClip.Model.Inference;

/// <summary>A full graph's session, built from a checkpoint in a temporary directory that goes as early as it can.</summary>
/// <remarks>Threads: <see cref="Run"/> may be called by many at once.</remarks>
internal sealed class FullTower : IDisposable
{
    private const string GraphName = "tower.onnx";
    private const string WeightName = "tower.weights";
    private readonly string _source;
    private readonly string _directory;
    private readonly TowerSession _tower;
    private readonly RunOptions _runOptions = new();

    private FullTower(string source, string directory, TowerSession tower)
    {
        _source = source;
        _directory = directory;
        _tower = tower;
        HasPooler = tower.Session.OutputNames.Contains(GraphTaps.Pooled);
    }

    public bool HasPooler { get; }

    public IReadOnlyList<string> Warnings => _tower.Warnings;

    /// <param name="weights">A checkpoint.</param>
    /// <param name="write">Writes the tower's full graph.</param>
    /// <param name="options">How it runs.</param>
    public static FullTower Load(
        ModelWeights weights, Func<ModelWeights, WeightFile, byte[]> write, EncoderRuntimeOptions? options)
    {
        string directory = Directory.CreateTempSubdirectory("chineseclip-").FullName;
        bool isLoaded = false;
        try
        {
            using (var file = new WeightFile(Path.Combine(directory, WeightName), CancellationToken.None))
            {
                File.WriteAllBytes(Path.Combine(directory, GraphName), write(weights, file));
            }

            TowerSession tower = TowerSession.Open(Path.Combine(directory, GraphName), options ?? new EncoderRuntimeOptions());
            isLoaded = true;
            return new FullTower(weights.Path, directory, tower);
        }
        finally
        {
            // Windows keeps mapped files; there the directory goes with the session.
            if (!isLoaded || !OperatingSystem.IsWindows())
            {
                Directory.Delete(directory, recursive: true);
            }
        }
    }

    public TowerOutput Run(string[] inputNames, OrtValue[] inputs, TowerDetails details)
    {
        string[] hidden = details.HasFlag(TowerDetails.HiddenStates)
            ? [.. _tower.Session.OutputNames.Where(GraphTaps.IsHiddenState)]
            : [];
        string[] attentions = details.HasFlag(TowerDetails.Attentions)
            ? [.. _tower.Session.OutputNames.Where(GraphTaps.IsAttention)]
            : [];
        string[] pooled = HasPooler ? [GraphTaps.Pooled] : [];
        string[] names = [GraphTaps.LastHidden, "features", "embedding", .. pooled, .. hidden, .. attentions];
        using IDisposableReadOnlyCollection<OrtValue> values = _tower.Session.Run(_runOptions, inputNames, inputs, names);
        Dictionary<string, FloatTensor> tensors =
            names.Zip(values, (name, value) => (name, value)).ToDictionary(pair => pair.name, pair => ToTensor(pair.value));
        RequireFinite(tensors["embedding"]);
        return new TowerOutput
        {
            LastHiddenState = tensors[GraphTaps.LastHidden],
            PoolerOutput = tensors.GetValueOrDefault(GraphTaps.Pooled),
            Features = tensors["features"],
            Embeddings = tensors["embedding"],
            HiddenStates = [.. hidden.Select(name => tensors[name])],
            Attentions = [.. attentions.Select(name => tensors[name])],
        };
    }

    public void Dispose()
    {
        _runOptions.Dispose();
        _tower.Session.Dispose();
        if (Directory.Exists(_directory))
        {
            Directory.Delete(_directory, recursive: true);
        }
    }

    private void RequireFinite(FloatTensor embeddings)
    {
        int wrong = Array.FindIndex(embeddings.Values, value => !float.IsFinite(value));
        if (wrong >= 0)
        {
            throw new ModelFormatException(
                _source, $"gave an embedding with {embeddings.Values[wrong]} in it; its weights cannot be right");
        }
    }

    private static FloatTensor ToTensor(OrtValue value) =>
        new(
            [.. value.GetTensorTypeAndShape().Shape.Select(extent => checked((int)extent))],
            value.GetTensorDataAsSpan<float>().ToArray());
}
