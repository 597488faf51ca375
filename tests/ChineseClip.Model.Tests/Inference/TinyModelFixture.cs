using System.Collections.Concurrent;

namespace ChineseClip.Model.Tests.Inference;

/// <summary>Packages of the tiny model, converted once for a test class.</summary>
public sealed class TinyModelFixture : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly ConcurrentDictionary<(string, ModelPrecision), Lazy<string>> _packages = [];

    /// <summary>Directory of the package made from a weight file of the tiny model.</summary>
    public string Package(string weightFile = "model.safetensors", ModelPrecision precision = ModelPrecision.Fp32) =>
        _packages.GetOrAdd((weightFile, precision), key => new Lazy<string>(() => Convert(key.Item1, key.Item2))).Value;

    public void Dispose() => _directory.Dispose();

    private string Convert(string weightFile, ModelPrecision precision)
    {
        string output = _directory[$"{weightFile}-{precision}"];
        ModelConverter.Convert(Path.Combine(GoldenFiles.TinyHf, weightFile), output, precision);
        return output;
    }
}
