namespace ChineseClip.Model;

/// <summary>Everything that the whole model computes from texts and pictures.</summary>
/// <param name="Logits">Logits both ways, and probabilities.</param>
/// <param name="Loss">The contrastive loss, where the i-th picture belongs to the i-th text; null where the counts differ.</param>
/// <param name="TextEmbeds">[texts, dimension], unit rows.</param>
/// <param name="ImageEmbeds">[pictures, dimension], unit rows.</param>
/// <param name="Text">What the text tower computed.</param>
/// <param name="Vision">What the vision tower computed.</param>
/// <remarks>Source: transformers 4.34, modeling_chinese_clip.py, ChineseCLIPOutput.</remarks>
public sealed record ChineseClipOutput(
    ImageTextLogits Logits, float? Loss, FloatTensor TextEmbeds, FloatTensor ImageEmbeds, TowerOutput Text, TowerOutput Vision);
