using System.Text;
using ChineseClip.Abstractions;
using ChineseClip.Grains.Inference;
using ChineseClip.Model;

namespace ChineseClip.Grains.Tests.Fakes;

/// <summary>
/// A model without a network: every character has a fixed random direction, and a text is the sum of its characters; a
/// picture is the text its bytes spell.
/// </summary>
internal sealed class FakeModel(string name = FakeModel.ModelName, string sha256 = "fake-1") : IEmbeddingModel
{
    public const string ModelName = "fake";
    public const int Dimension = 32;
    public const int ImageSize = 4;
    private const int ImageBytes = ImageSize * ImageSize * 3;

    public ModelDescription Description { get; } = new()
    {
        Name = name,
        Status = ModelStatus.Available,
        Dimension = Dimension,
        ImageSize = ImageSize,
        LogitScale = 10,
        Sha256 = sha256,
    };

    public static float[] Embed(string text)
    {
        float[] sum = new float[Dimension];
        foreach (Rune rune in text.EnumerateRunes())
        {
            Random random = new(rune.Value);
            for (int i = 0; i < Dimension; i++)
            {
                sum[i] += (float)(random.NextDouble() - 0.5);
            }
        }

        float norm = MathF.Sqrt(sum.Sum(value => value * value));
        return [.. sum.Select(value => value / norm)];
    }

    public int[] Tokenize(string text) => [.. text.EnumerateRunes().Select(rune => rune.Value)];

    public byte[] Prepare(ReadOnlySpan<byte> file, string inputName)
    {
        if (file.Length is 0 or > ImageBytes)
        {
            throw new ClusterException(
                file.Length == 0 ? ErrorCode.InvalidInput : ErrorCode.TooLarge, $"Picture '{inputName}': {file.Length} bytes.");
        }

        byte[] pixels = new byte[ImageBytes];
        file.CopyTo(pixels);
        return pixels;
    }

    public ITextEncoder CreateTextEncoder() => new TextEncoder();

    public IImageEncoder CreateImageEncoder() => new ImageEncoder();

    private sealed class TextEncoder : ITextEncoder
    {
        public int Dimension => FakeModel.Dimension;

        public float[] Encode(IReadOnlyList<int[]> tokenIds) =>
            [.. tokenIds.SelectMany(ids => Embed(string.Concat(ids.Select(id => new Rune(id).ToString()))))];

        public void Dispose()
        {
        }
    }

    private sealed class ImageEncoder : IImageEncoder
    {
        public int Dimension => FakeModel.Dimension;

        public int ImageSize => FakeModel.ImageSize;

        public float[] Encode(IReadOnlyList<ReadOnlyMemory<byte>> rgb) =>
            [.. rgb.SelectMany(bytes => Embed(Encoding.UTF8.GetString(bytes.Span).TrimEnd('\0')))];

        public void Dispose()
        {
        }
    }
}
