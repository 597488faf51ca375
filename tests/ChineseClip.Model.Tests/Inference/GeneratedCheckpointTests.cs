using ChineseClip.Model.Checkpoints;
using ChineseClip.Testing;

namespace ChineseClip.Model.Tests.Inference;

/// <summary>The generator of checkpoints against files that the Python recipe wrote.</summary>
public sealed class GeneratedCheckpointTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void WriteWeights_SeedOfTheGoldenModel_GivesItsTensors()
    {
        string golden = Path.Combine(GoldenFiles.TinyHf, "model.safetensors");
        ChineseClipConfig config = ChineseClipConfig.Load(Path.Combine(GoldenFiles.TinyHf, "config.json"));

        GeneratedCheckpoint.WriteWeights(_directory["model.safetensors"], config, "tiny-hf", 2.6592f);

        Assert.Equal(Tensors(golden), Tensors(_directory["model.safetensors"]));
    }

    private static SortedDictionary<string, float[]> Tensors(string path)
    {
        using Checkpoint checkpoint = SafetensorsReader.Open(path);
        return new SortedDictionary<string, float[]>(
            checkpoint.Tensors.ToDictionary(t => t.Key, t => t.Value.ToArray()), StringComparer.Ordinal);
    }
}
