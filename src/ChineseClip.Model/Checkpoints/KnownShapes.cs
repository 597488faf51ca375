namespace ChineseClip.Model.Checkpoints;

/// <summary>The configuration of a checkpoint that comes without <c>config.json</c>, from its tensors' shapes.</summary>
/// <remarks>
/// Shapes tell everything but the number of heads, so only towers whose heads are published are taken.
/// Source: OFA-Sys/Chinese-CLIP, cn_clip/clip/model_configs.
/// </remarks>
internal static class KnownShapes
{
    /// <exception cref="ModelFormatException">A tensor is missing, or a tower is of no published shape.</exception>
    public static ChineseClipConfig Deduce(Checkpoint checkpoint)
    {
        int[] words = Shape(checkpoint, TensorLayout.TextEmbeddings + "word_embeddings.weight", 2);
        int textLayers = CountLayers(checkpoint, i => TensorLayout.TextLayer(i) + "output.dense.weight");
        return new ChineseClipConfig
        {
            ProjectionDimension = Shape(checkpoint, "text_projection.weight", 2)[0],
            TextConfig = new ChineseClipTextConfig
            {
                VocabularySize = words[0],
                HiddenSize = words[1],
                LayerCount = textLayers,
                HeadCount = TextHeads(checkpoint, words[1], textLayers),
                IntermediateSize = Shape(checkpoint, TensorLayout.TextLayer(0) + "intermediate.dense.weight", 2)[0],
                MaxPositions = Shape(checkpoint, TensorLayout.TextEmbeddings + "position_embeddings.weight", 2)[0],
                TypeVocabularySize = Shape(checkpoint, TensorLayout.TextEmbeddings + "token_type_embeddings.weight", 2)[0],
            },
            VisionConfig = ResNetLayout.Recognizes(checkpoint) ? ResNetLayout.Deduce(checkpoint) : DeduceTransformer(checkpoint),
        };
    }

    private static ChineseClipVisionConfig DeduceTransformer(Checkpoint checkpoint)
    {
        int[] patches = Shape(checkpoint, TensorLayout.VisionEmbeddings + "patch_embedding.weight", 4);
        int[] positions = Shape(checkpoint, TensorLayout.VisionEmbeddings + "position_embedding.weight", 2);
        int layers = CountLayers(checkpoint, i => TensorLayout.VisionLayer(i) + "mlp.fc1.weight");
        int grid = (int)Math.Sqrt(positions[0] - 1);
        return new ChineseClipVisionConfig
        {
            HiddenSize = patches[0],
            LayerCount = layers,
            HeadCount = VisionHeads(checkpoint, patches[0], layers),
            IntermediateSize = Shape(checkpoint, TensorLayout.VisionLayer(0) + "mlp.fc1.weight", 2)[0],
            PatchSize = patches[2],
            ImageSize = grid * patches[2],
        };
    }

    private static int TextHeads(Checkpoint checkpoint, int width, int layers) => (width, layers) switch
    {
        (768, 12) or (768, 3) => 12,
        (1024, 24) => 16,
        _ => throw Unknown(checkpoint, "text", width, layers),
    };

    private static int VisionHeads(Checkpoint checkpoint, int width, int layers) => (width, layers) switch
    {
        (768, 12) => 12,
        (1024, 24) => 16,
        (1280, 32) => 16,
        _ => throw Unknown(checkpoint, "vision", width, layers),
    };

    private static ModelFormatException Unknown(Checkpoint checkpoint, string tower, int width, int layers) =>
        new(checkpoint.Path, $"has a {tower} tower {width} wide with {layers} layers, which is no published one; put its config.json beside it");

    internal static int CountLayers(Checkpoint checkpoint, Func<int, string> name)
    {
        int count = 0;
        while (checkpoint.Tensors.ContainsKey(name(count)))
        {
            count++;
        }

        return count;
    }

    internal static int[] Shape(Checkpoint checkpoint, string name, int rank)
    {
        if (!checkpoint.Tensors.TryGetValue(name, out CheckpointTensor? tensor))
        {
            throw new ModelFormatException(checkpoint.Path, $"holds no tensor \"{name}\"");
        }

        return tensor.Shape.Count == rank && tensor.Shape.All(d => d > 0)
            ? [.. tensor.Shape]
            : throw new ModelFormatException(
                checkpoint.Path, $"tensor \"{name}\" has shape {TensorShape.Show(tensor.Shape)}; expected {rank} dimensions");
    }
}
