namespace ChineseClip.Model.Checkpoints;

/// <summary>The tensors a checkpoint must hold for a configuration: the reference's names and shapes.</summary>
internal static class TensorLayout
{
    public const string TextEmbeddings = "text_model.embeddings.";
    public const string VisionEmbeddings = "vision_model.embeddings.";

    public static string TextLayer(int layer) => $"text_model.encoder.layer.{layer}.";

    public static string VisionLayer(int layer) => $"vision_model.encoder.layers.{layer}.";

    public static IReadOnlyDictionary<string, int[]> Expected(ChineseClipConfig config)
    {
        var tensors = new Dictionary<string, int[]>(StringComparer.Ordinal);
        AddText(tensors, config.TextConfig);
        tensors.Add("text_projection.weight", [config.ProjectionDimension, config.TextConfig.HiddenSize]);
        tensors.Add("logit_scale", []);
        if (config.VisionConfig.ResNetLayers is not null)
        {
            ResNetLayout.AddExpected(tensors, config.VisionConfig, config.ProjectionDimension);
            return tensors;
        }

        AddVision(tensors, config.VisionConfig);
        tensors.Add("visual_projection.weight", [config.ProjectionDimension, config.VisionConfig.HiddenSize]);
        return tensors;
    }

    /// <summary>Tensors that a checkpoint may have: the text tower's pooler, which only a text model alone is asked for.</summary>
    public static IReadOnlyDictionary<string, int[]> Optional(ChineseClipConfig config)
    {
        var tensors = new Dictionary<string, int[]>(StringComparer.Ordinal);
        AddLinear(tensors, "text_model.pooler.dense", config.TextConfig.HiddenSize, config.TextConfig.HiddenSize);
        return tensors;
    }

    /// <summary>Tensors that some writers add and that the embeddings do not depend on.</summary>
    public static bool IsIgnored(string name) =>
        name is "text_model.embeddings.position_ids" or "vision_model.embeddings.position_ids"
            or "text_model.embeddings.token_type_ids"
        || name.StartsWith("text_model.pooler.dense.", StringComparison.Ordinal)
        || (name.StartsWith("visual.", StringComparison.Ordinal) && name.EndsWith(".num_batches_tracked", StringComparison.Ordinal));

    private static void AddText(Dictionary<string, int[]> tensors, ChineseClipTextConfig text)
    {
        int hidden = text.HiddenSize;
        tensors.Add(TextEmbeddings + "word_embeddings.weight", [text.VocabularySize, hidden]);
        tensors.Add(TextEmbeddings + "position_embeddings.weight", [text.MaxPositions, hidden]);
        tensors.Add(TextEmbeddings + "token_type_embeddings.weight", [text.TypeVocabularySize, hidden]);
        AddNorm(tensors, TextEmbeddings + "LayerNorm", hidden);
        for (int i = 0; i < text.LayerCount; i++)
        {
            string layer = TextLayer(i);
            AddLinear(tensors, layer + "attention.self.query", hidden, hidden);
            AddLinear(tensors, layer + "attention.self.key", hidden, hidden);
            AddLinear(tensors, layer + "attention.self.value", hidden, hidden);
            AddLinear(tensors, layer + "attention.output.dense", hidden, hidden);
            AddNorm(tensors, layer + "attention.output.LayerNorm", hidden);
            AddLinear(tensors, layer + "intermediate.dense", text.IntermediateSize, hidden);
            AddLinear(tensors, layer + "output.dense", hidden, text.IntermediateSize);
            AddNorm(tensors, layer + "output.LayerNorm", hidden);
        }
    }

    private static void AddVision(Dictionary<string, int[]> tensors, ChineseClipVisionConfig vision)
    {
        int hidden = vision.HiddenSize;
        int positions = (vision.GridSize * vision.GridSize) + 1;
        tensors.Add(VisionEmbeddings + "class_embedding", [hidden]);
        tensors.Add(
            VisionEmbeddings + "patch_embedding.weight", [hidden, vision.ChannelCount, vision.PatchSize, vision.PatchSize]);
        tensors.Add(VisionEmbeddings + "position_embedding.weight", [positions, hidden]);
        AddNorm(tensors, "vision_model.pre_layrnorm", hidden);
        for (int i = 0; i < vision.LayerCount; i++)
        {
            string layer = VisionLayer(i);
            AddNorm(tensors, layer + "layer_norm1", hidden);
            AddLinear(tensors, layer + "self_attn.q_proj", hidden, hidden);
            AddLinear(tensors, layer + "self_attn.k_proj", hidden, hidden);
            AddLinear(tensors, layer + "self_attn.v_proj", hidden, hidden);
            AddLinear(tensors, layer + "self_attn.out_proj", hidden, hidden);
            AddNorm(tensors, layer + "layer_norm2", hidden);
            AddLinear(tensors, layer + "mlp.fc1", vision.IntermediateSize, hidden);
            AddLinear(tensors, layer + "mlp.fc2", hidden, vision.IntermediateSize);
        }

        AddNorm(tensors, "vision_model.post_layernorm", hidden);
    }

    private static void AddNorm(Dictionary<string, int[]> tensors, string name, int width)
    {
        tensors.Add(name + ".weight", [width]);
        tensors.Add(name + ".bias", [width]);
    }

    private static void AddLinear(Dictionary<string, int[]> tensors, string name, int outputs, int inputs)
    {
        tensors.Add(name + ".weight", [outputs, inputs]);
        tensors.Add(name + ".bias", [outputs]);
    }
}
