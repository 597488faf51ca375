namespace ChineseClip.Model.Checkpoints;

/// <summary>Gives the tensors of an OFA-Sys checkpoint the reference's names and shapes.</summary>
/// <remarks>
/// OFA-Sys stacks query, key and value of the vision tower (in_proj; with FlashAttention Wqkv, in both towers) and keeps both
/// projections transposed. A ResNet vision tower, which the reference does not know, keeps OFA-Sys' names.
/// Source: OFA-Sys/Chinese-CLIP, cn_clip/clip/model.py; transformers 4.34, convert_chinese_clip_original_pytorch_to_hf.py.
/// </remarks>
internal sealed class OfaNames
{
    private static readonly string[] TextParts = ["query", "key", "value"];
    private static readonly string[] VisionParts = ["q_proj", "k_proj", "v_proj"];
    private readonly string _file;
    private readonly bool _isResNet;

    private OfaNames(string file, bool isResNet)
    {
        _file = file;
        _isResNet = isResNet;
    }

    public static bool Recognizes(Checkpoint checkpoint) =>
        checkpoint.Tensors.Keys.Any(n => n.StartsWith("visual.", StringComparison.Ordinal));

    /// <summary>The same checkpoint under the reference's names; a tensor of no known name keeps its own.</summary>
    public static Checkpoint Translate(Checkpoint checkpoint)
    {
        var tensors = new Dictionary<string, CheckpointTensor>(StringComparer.Ordinal);
        foreach (CheckpointTensor tensor in checkpoint.Tensors.Values.SelectMany(new OfaNames(checkpoint.Path, ResNetLayout.Recognizes(checkpoint)).Translate))
        {
            if (!tensors.TryAdd(tensor.Name, tensor))
            {
                throw new ModelFormatException(checkpoint.Path, $"gives the tensor \"{tensor.Name}\" twice");
            }
        }

        return new Checkpoint(checkpoint.Path, tensors, checkpoint);
    }

    private IEnumerable<CheckpointTensor> Translate(CheckpointTensor tensor)
    {
        string name = tensor.Name;
        return name switch
        {
            "text_projection" => [DerivedTensor.Transposed(tensor, "text_projection.weight", _file)],
            _ when _isResNet && name.StartsWith("visual.", StringComparison.Ordinal) => [tensor],
            "visual.proj" => [DerivedTensor.Transposed(tensor, "visual_projection.weight", _file)],
            "visual.class_embedding" => [Rename(TensorLayout.VisionEmbeddings + "class_embedding")],
            "visual.positional_embedding" => [Rename(TensorLayout.VisionEmbeddings + "position_embedding.weight")],
            "visual.conv1.weight" => [Rename(TensorLayout.VisionEmbeddings + "patch_embedding.weight")],
            _ when Tail(name, "visual.ln_pre.") is { } tail => [Rename("vision_model.pre_layrnorm." + tail)],
            _ when Tail(name, "visual.ln_post.") is { } tail => [Rename("vision_model.post_layernorm." + tail)],
            _ when Tail(name, "visual.transformer.resblocks.") is { } tail => VisionLayer(tensor, tail),
            _ when Tail(name, "bert.") is { } tail => TextTensor(tensor, tail),
            _ => [tensor],
        };

        CheckpointTensor Rename(string to) => DerivedTensor.Renamed(tensor, to);
    }

    /// <param name="tensor">The tensor.</param>
    /// <param name="tail">Such as <c>3.attn.in_proj_weight</c>.</param>
    private IEnumerable<CheckpointTensor> VisionLayer(CheckpointTensor tensor, string tail)
    {
        int dot = tail.IndexOf('.', StringComparison.Ordinal);
        string layer = $"vision_model.encoder.layers.{tail[..Math.Max(0, dot)]}.";
        string part = tail[(dot + 1)..];
        return part switch
        {
            "attn.in_proj_weight" or "attn.Wqkv.weight" => Thirds(tensor, layer + "self_attn.", VisionParts, ".weight"),
            "attn.in_proj_bias" or "attn.Wqkv.bias" => Thirds(tensor, layer + "self_attn.", VisionParts, ".bias"),
            _ when Tail(part, "attn.out_proj.") is { } end => [Rename("self_attn.out_proj." + end)],
            _ when Tail(part, "ln_1.") is { } end => [Rename("layer_norm1." + end)],
            _ when Tail(part, "ln_2.") is { } end => [Rename("layer_norm2." + end)],
            _ when Tail(part, "mlp.c_fc.") is { } end => [Rename("mlp.fc1." + end)],
            _ when Tail(part, "mlp.c_proj.") is { } end => [Rename("mlp.fc2." + end)],
            _ => [tensor],
        };

        CheckpointTensor Rename(string to) => DerivedTensor.Renamed(tensor, layer + to);
    }

    private IEnumerable<CheckpointTensor> TextTensor(CheckpointTensor tensor, string tail)
    {
        const string Stacked = "attention.self.Wqkv.";
        const string FlashOutput = "attention.self.out_proj.";
        string name = "text_model." + tail;
        int stacked = name.IndexOf(Stacked, StringComparison.Ordinal);
        return stacked < 0
            ? [DerivedTensor.Renamed(tensor, name.Replace(FlashOutput, "attention.output.dense.", StringComparison.Ordinal))]
            : Thirds(tensor, name[..stacked] + "attention.self.", TextParts, "." + name[(stacked + Stacked.Length)..]);
    }

    private IEnumerable<CheckpointTensor> Thirds(CheckpointTensor tensor, string prefix, string[] parts, string suffix) =>
        parts.Select((part, i) => DerivedTensor.Third(tensor, prefix + part + suffix, i, _file));

    private static string? Tail(string name, string prefix) =>
        name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : null;
}
