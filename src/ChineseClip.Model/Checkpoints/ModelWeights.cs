using System.Globalization;
using System.Text;

namespace ChineseClip.Model.Checkpoints;

/// <summary>A checkpoint that has been found to hold exactly the tensors of its configuration.</summary>
internal sealed class ModelWeights
{
    private const int NamesShown = 20;
    private readonly Checkpoint _checkpoint;

    private ModelWeights(Checkpoint checkpoint, ChineseClipConfig config)
    {
        _checkpoint = checkpoint;
        Config = config;
    }

    public ChineseClipConfig Config { get; }

    /// <summary>The file the tensors come from, for messages.</summary>
    public string Path => _checkpoint.Path;

    /// <exception cref="ModelFormatException">Tensors are missing, unexpected or of another shape; all are listed by name.</exception>
    public static ModelWeights Bind(Checkpoint checkpoint, ChineseClipConfig config)
    {
        IReadOnlyDictionary<string, int[]> expected = TensorLayout.Expected(config);
        var missing = new List<string>();
        var misshapen = new List<string>();
        Compare(expected);

        // What a checkpoint need not have it has whole or not at all.
        IReadOnlyDictionary<string, int[]> optional = TensorLayout.Optional(config);
        if (optional.Keys.Any(checkpoint.Tensors.ContainsKey))
        {
            Compare(optional);
        }

        List<string> unexpected =
            [.. checkpoint.Tensors.Keys.Where(n => !expected.ContainsKey(n) && !TensorLayout.IsIgnored(n)).Order(StringComparer.Ordinal)];
        if (missing.Count + misshapen.Count + unexpected.Count > 0)
        {
            var message = new StringBuilder("does not fit its configuration.");
            Append(message, "Missing", missing);
            Append(message, "Misshapen", misshapen);
            Append(message, "Unexpected", unexpected);
            throw new ModelFormatException(checkpoint.Path, message.ToString());
        }

        return new ModelWeights(checkpoint, config);

        void Compare(IReadOnlyDictionary<string, int[]> shapes)
        {
            foreach ((string name, int[] shape) in shapes)
            {
                if (!checkpoint.Tensors.TryGetValue(name, out CheckpointTensor? tensor))
                {
                    missing.Add(name);
                }
                else if (!tensor.Shape.SequenceEqual(shape))
                {
                    misshapen.Add($"{name} is {TensorShape.Show(tensor.Shape)}, expected {TensorShape.Show(shape)}");
                }
            }
        }
    }

    /// <summary>Whether the checkpoint holds a tensor, of those too that a model need not have.</summary>
    public bool Contains(string name) => _checkpoint.Tensors.ContainsKey(name);

    /// <summary>All elements, row-major.</summary>
    /// <exception cref="ModelFormatException">An element is not a finite number.</exception>
    public float[] Read(string name)
    {
        float[] values = _checkpoint.Tensors[name].ToArray();
        foreach (float value in values)
        {
            if (!float.IsFinite(value))
            {
                throw new ModelFormatException(_checkpoint.Path, $"tensor \"{name}\" holds {value}; expected finite numbers");
            }
        }

        return values;
    }

    /// <summary>What cosines are multiplied by: exp of <c>logit_scale</c>.</summary>
    /// <exception cref="ModelFormatException">It is no finite number.</exception>
    public float ReadLogitScale()
    {
        float scale = (float)Math.Exp(Read("logit_scale")[0]);
        return float.IsFinite(scale)
            ? scale
            : throw new ModelFormatException(Path, "tensor \"logit_scale\" is too large; expected below 88");
    }

    private static void Append(StringBuilder message, string title, List<string> names)
    {
        if (names.Count > 0)
        {
            string more = names.Count > NamesShown ? $" and {names.Count - NamesShown} more" : "";
            string listed = string.Join("; ", names.Take(NamesShown));
            message.Append(CultureInfo.InvariantCulture, $" {title} ({names.Count}): {listed}{more}.");
        }
    }
}
