using System.Numerics.Tensors;

namespace ChineseClip.Model;

/// <summary>Logits, probabilities and the contrastive loss over embeddings.</summary>
/// <remarks>Source: transformers 4.34, modeling_chinese_clip.py, ChineseCLIPModel.forward and chinese_clip_loss.</remarks>
public static class Similarity
{
    /// <summary>Compares each picture with each text.</summary>
    /// <param name="images">Unit embeddings of one length.</param>
    /// <param name="texts">Unit embeddings of the same length.</param>
    /// <param name="logitScale">What cosines are multiplied by: <see cref="ModelManifest.LogitScale"/>.</param>
    public static ImageTextLogits Compare(IReadOnlyList<float[]> images, IReadOnlyList<float[]> texts, float logitScale)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(texts);
        float[][] perImage = [.. images.Select(i => texts.Select(t => logitScale * TensorPrimitives.Dot<float>(i, t)).ToArray())];
        float[][] perText = [.. texts.Select((_, t) => perImage.Select(row => row[t]).ToArray())];
        return new ImageTextLogits(perImage, perText, [.. perImage.Select(row => Softmax(row))]);
    }

    /// <summary>Shares that add up to 1; none for no logits.</summary>
    public static float[] Softmax(ReadOnlySpan<float> logits)
    {
        float[] shares = new float[logits.Length];
        if (shares.Length > 0)
        {
            float largest = TensorPrimitives.Max(logits);
            double sum = 0;
            for (int i = 0; i < shares.Length; i++)
            {
                double share = Math.Exp(logits[i] - largest);
                shares[i] = (float)share;
                sum += share;
            }

            TensorPrimitives.Multiply(shares, (float)(1 / sum), shares);
        }

        return shares;
    }

    /// <summary>The mean of both cross entropies, where the i-th picture belongs to the i-th text.</summary>
    /// <exception cref="ArgumentException">There are not as many pictures as texts, or there are none.</exception>
    public static float ContrastiveLoss(ImageTextLogits logits)
    {
        ArgumentNullException.ThrowIfNull(logits);
        int count = logits.LogitsPerImage.Length;
        if (count == 0 || logits.LogitsPerText.Length != count)
        {
            throw new ArgumentException(
                $"The loss pairs pictures with texts; there are {count} pictures and {logits.LogitsPerText.Length} texts.",
                nameof(logits));
        }

        return (float)((CrossEntropy(logits.LogitsPerImage) + CrossEntropy(logits.LogitsPerText)) / 2);
    }

    private static double CrossEntropy(float[][] logits)
    {
        double total = 0;
        for (int i = 0; i < logits.Length; i++)
        {
            double largest = logits[i].Max();
            total += largest + Math.Log(logits[i].Sum(x => Math.Exp(x - largest))) - logits[i][i];
        }

        return total / logits.Length;
    }
}
