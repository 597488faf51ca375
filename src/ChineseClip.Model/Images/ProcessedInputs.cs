namespace ChineseClip.Model;

/// <summary>What the models take: token ids of the texts, pixel values of the pictures, or both.</summary>
/// <param name="Text">The texts' tokens; null without texts.</param>
/// <param name="PixelValues">The pictures' values, one picture after the other; null without pictures.</param>
/// <param name="PixelShape">[pictures, 3, height, width], or with channels last [pictures, height, width, 3]; empty without pictures.</param>
public sealed record ProcessedInputs(TokenBatch? Text, float[]? PixelValues, IReadOnlyList<int> PixelShape);
