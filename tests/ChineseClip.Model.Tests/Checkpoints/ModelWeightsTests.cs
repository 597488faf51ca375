using System.Text.Json.Nodes;
using ChineseClip.Model.Checkpoints;

namespace ChineseClip.Model.Tests.Checkpoints;

public sealed class ModelWeightsTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly ChineseClipConfig _config = ChineseClipConfig.Load(Path.Combine(GoldenFiles.TinyHf, "config.json"));

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Bind_MissingUnexpectedAndMisshapen_NamesThemAll()
    {
        (string header, byte[] data) = SafetensorsBytes.Split(
            File.ReadAllBytes(Path.Combine(GoldenFiles.TinyHf, "model.safetensors")));
        JsonObject tensors = JsonNode.Parse(header)!.AsObject();
        JsonNode renamed = tensors["logit_scale"]!.DeepClone();
        tensors.Remove("logit_scale");
        tensors["logit_scales"] = renamed;
        tensors["text_projection.weight"]!["shape"] = new JsonArray(64, 32);
        string path = _directory["changed.safetensors"];
        File.WriteAllBytes(path, SafetensorsBytes.Join(tensors.ToJsonString(), data));
        using Checkpoint checkpoint = SafetensorsReader.Open(path);

        var error = Assert.Throws<ModelFormatException>(() => ModelWeights.Bind(checkpoint, _config));

        Assert.Contains("Missing (1): logit_scale.", error.Message, StringComparison.Ordinal);
        Assert.Contains("text_projection.weight is [64, 32], expected [32, 64]", error.Message, StringComparison.Ordinal);
        Assert.Contains("Unexpected (1): logit_scales.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bind_ConfigOfAnotherModel_ListsSomeAndCountsTheRest()
    {
        using Checkpoint checkpoint = SafetensorsReader.Open(Path.Combine(GoldenFiles.TinyHf, "model.safetensors"));

        var error = Assert.Throws<ModelFormatException>(() => ModelWeights.Bind(checkpoint, new ChineseClipConfig()));

        Assert.Contains("Missing (288)", error.Message, StringComparison.Ordinal);
        Assert.Contains("and 268 more", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_NotFinite_NamesTensor()
    {
        byte[] file = File.ReadAllBytes(Path.Combine(GoldenFiles.TinyHf, "model.safetensors"));
        file.AsSpan(file.Length - 4).Fill(0xFF);
        string path = _directory["nan.safetensors"];
        File.WriteAllBytes(path, file);
        using Checkpoint checkpoint = SafetensorsReader.Open(path);
        ModelWeights weights = ModelWeights.Bind(checkpoint, _config);

        var error = Assert.Throws<ModelFormatException>(() => weights.Read("visual_projection.weight"));

        Assert.Contains("\"visual_projection.weight\" holds NaN", error.Message, StringComparison.Ordinal);
    }
}
