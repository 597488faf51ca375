namespace ChineseClip.Model;

/// <summary>How well each of some pictures and each of some texts go together.</summary>
/// <param name="LogitsPerImage">[image][text]: cosine times the model's logit scale.</param>
/// <param name="LogitsPerText">[text][image]: the same, the other way round.</param>
/// <param name="Probabilities">[image][text]: softmax over the texts of each picture.</param>
public sealed record ImageTextLogits(float[][] LogitsPerImage, float[][] LogitsPerText, float[][] Probabilities);
