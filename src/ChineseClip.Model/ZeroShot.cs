using System.Numerics.Tensors;

namespace ChineseClip.Model;

/// <summary>Classification by labels that the model was never trained on: each label becomes one or more sentences.</summary>
/// <remarks>Source: OFA-Sys/Chinese-CLIP, cn_clip/eval/zeroshot_evaluation.py (mean over the templates, then unit length).</remarks>
public static class ZeroShot
{
    /// <summary>Where the label goes in a template.</summary>
    public const string Slot = "{}";

    public const string DefaultTemplate = "一张{}的照片";

    /// <summary>The sentences to encode: for each label, one for each template.</summary>
    /// <remarks>Shape: [labels.Count · templates.Count], the templates of one label side by side.</remarks>
    /// <exception cref="ArgumentException">There is no label or template, a label is blank, or a template has no slot.</exception>
    public static string[] Prompts(IReadOnlyList<string> labels, IReadOnlyList<string>? templates = null)
    {
        ArgumentNullException.ThrowIfNull(labels);
        templates ??= [DefaultTemplate];
        RequireSome(labels.Count, nameof(labels));
        RequireSome(templates.Count, nameof(templates));
        for (int i = 0; i < templates.Count; i++)
        {
            if (!templates[i].Contains(Slot, StringComparison.Ordinal))
            {
                throw new ArgumentException($"templates[{i}] is \"{templates[i]}\"; it must contain \"{Slot}\".", nameof(templates));
            }
        }

        for (int i = 0; i < labels.Count; i++)
        {
            if (string.IsNullOrWhiteSpace(labels[i]))
            {
                throw new ArgumentException($"labels[{i}] is blank.", nameof(labels));
            }
        }

        return [.. labels.SelectMany(l => templates.Select(t => t.Replace(Slot, l, StringComparison.Ordinal)))];
    }

    /// <summary>One unit embedding a label: the mean over its sentences.</summary>
    /// <param name="prompts">Embeddings of <see cref="Prompts"/>, in its order.</param>
    /// <param name="templateCount">Sentences a label.</param>
    public static float[][] CombinePrompts(IReadOnlyList<float[]> prompts, int templateCount)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        ArgumentOutOfRangeException.ThrowIfLessThan(templateCount, 1);
        if (prompts.Count % templateCount != 0)
        {
            throw new ArgumentException($"{prompts.Count} embeddings are no multiple of {templateCount} templates.", nameof(prompts));
        }

        float[][] labels = new float[prompts.Count / templateCount][];
        for (int label = 0; label < labels.Length; label++)
        {
            float[] sum = [.. prompts[label * templateCount]];
            for (int i = 1; i < templateCount; i++)
            {
                TensorPrimitives.Add(sum, prompts[(label * templateCount) + i], sum);
            }

            if (templateCount > 1)
            {
                TensorPrimitives.Divide(sum, TensorPrimitives.Norm<float>(sum), sum);
            }

            labels[label] = sum;
        }

        return labels;
    }

    private static void RequireSome(int count, string name)
    {
        if (count == 0)
        {
            throw new ArgumentException($"{name} is empty; at least one is needed.", name);
        }
    }
}
