using System.Globalization;

namespace ChineseClip.Model.Checkpoints;

/// <summary>The tensors of a ResNet vision tower, under OFA-Sys' names; its shape is read from them.</summary>
/// <remarks>Source: OFA-Sys/Chinese-CLIP, cn_clip/clip/model.py, ModifiedResNet and AttentionPool2d.</remarks>
internal static class ResNetLayout
{
    /// <summary>What a bottleneck's last convolution widens by.</summary>
    public const int Expansion = 4;

    /// <summary>Pixels along one side for each place of the last stage.</summary>
    public const int Reduction = 32;

    public const string Pool = "visual.attnpool.";
    private const int StageCount = 4;
    private const int HeadSize = 64;

    /// <summary>The stem's three convolutions with their normalizations and channels.</summary>
    public static IEnumerable<(string Convolution, string Norm, int Outputs, int Inputs)> Stem(int width) =>
    [
        ("visual.conv1", "visual.bn1", width / 2, 3),
        ("visual.conv2", "visual.bn2", width / 2, width / 2),
        ("visual.conv3", "visual.bn3", width, width / 2),
    ];

    public static bool Recognizes(Checkpoint checkpoint) =>
        checkpoint.Tensors.Keys.Any(n => n.StartsWith("visual.layer1.", StringComparison.Ordinal));

    /// <summary>Every bottleneck: its name, channels in, channels within and stride.</summary>
    public static IEnumerable<(string Name, int Inputs, int Planes, int Stride)> Blocks(ChineseClipVisionConfig vision)
    {
        int inputs = Width(vision);
        for (int stage = 0; stage < StageCount; stage++)
        {
            int planes = Width(vision) << stage;
            for (int block = 0; block < vision.ResNetLayers![stage]; block++)
            {
                yield return (Block(stage, block), inputs, planes, block == 0 && stage > 0 ? 2 : 1);
                inputs = planes * Expansion;
            }
        }
    }

    public static int Width(ChineseClipVisionConfig vision) => vision.HiddenSize / Reduction;

    /// <summary>The tower's shape. Heads are 64 wide in every published one.</summary>
    /// <exception cref="ModelFormatException">A tensor that tells the shape is missing or cannot be right.</exception>
    public static ChineseClipVisionConfig Deduce(Checkpoint checkpoint)
    {
        int[] positions = KnownShapes.Shape(checkpoint, Pool + "positional_embedding", 2);
        int side = (int)Math.Sqrt(positions[0] - 1);
        if (side < 1 || (side * side) + 1 != positions[0] || positions[1] % HeadSize != 0)
        {
            throw new ModelFormatException(
                checkpoint.Path,
                $"tensor \"{Pool}positional_embedding\" has shape {TensorShape.Show(positions)}; expected a square number and one by a multiple of {HeadSize}");
        }

        return new ChineseClipVisionConfig
        {
            ResNetLayers = [.. Enumerable.Range(0, StageCount).Select(
                stage => KnownShapes.CountLayers(checkpoint, block => Block(stage, block) + "conv1.weight"))],
            HiddenSize = positions[1],
            LayerCount = StageCount,
            HeadCount = positions[1] / HeadSize,
            IntermediateSize = positions[1],
            PatchSize = Reduction,
            ImageSize = side * Reduction,
            Activation = Activation.Relu,
        };
    }

    public static void AddExpected(Dictionary<string, int[]> tensors, ChineseClipVisionConfig vision, int dimension)
    {
        foreach ((string convolution, string norm, int outputs, int inputs) in Stem(Width(vision)))
        {
            tensors.Add(convolution + ".weight", [outputs, inputs, 3, 3]);
            AddNorm(tensors, norm, outputs);
        }

        foreach ((string name, int inputs, int planes, int stride) in Blocks(vision))
        {
            tensors.Add(name + "conv1.weight", [planes, inputs, 1, 1]);
            tensors.Add(name + "conv2.weight", [planes, planes, 3, 3]);
            tensors.Add(name + "conv3.weight", [planes * Expansion, planes, 1, 1]);
            AddNorm(tensors, name + "bn1", planes);
            AddNorm(tensors, name + "bn2", planes);
            AddNorm(tensors, name + "bn3", planes * Expansion);
            if (HasShortcut(inputs, planes, stride))
            {
                tensors.Add(name + "downsample.0.weight", [planes * Expansion, inputs, 1, 1]);
                AddNorm(tensors, name + "downsample.1", planes * Expansion);
            }
        }

        int hidden = vision.HiddenSize;
        tensors.Add(Pool + "positional_embedding", [(vision.GridSize * vision.GridSize) + 1, hidden]);
        foreach ((string part, int outputs) in new[] { ("q_proj", hidden), ("k_proj", hidden), ("v_proj", hidden), ("c_proj", dimension) })
        {
            tensors.Add(Pool + part + ".weight", [outputs, hidden]);
            tensors.Add(Pool + part + ".bias", [outputs]);
        }
    }

    /// <summary>Whether a bottleneck's input needs a convolution of its own to fit its output.</summary>
    public static bool HasShortcut(int inputs, int planes, int stride) => stride > 1 || inputs != planes * Expansion;

    private static string Block(int stage, int block) =>
        string.Create(CultureInfo.InvariantCulture, $"visual.layer{stage + 1}.{block}.");

    private static void AddNorm(Dictionary<string, int[]> tensors, string name, int width)
    {
        Array.ForEach(["weight", "bias", "running_mean", "running_var"], part => tensors.Add($"{name}.{part}", [width]));
    }
}
