using ChineseClip.Demo.Facts;

namespace ChineseClip.Demo.Evaluation;

/// <summary>A picture with a true caption and the same caption altered in one fact; the model must score the true one higher.</summary>
/// <param name="Picture">Ordinal of the picture within its set.</param>
/// <param name="Field">The altered fact.</param>
/// <param name="TrueCaption">True of the picture.</param>
/// <param name="AlteredCaption">False of it in that fact alone.</param>
public sealed record TwoWayChoice(int Picture, FactField Field, string TrueCaption, string AlteredCaption);
