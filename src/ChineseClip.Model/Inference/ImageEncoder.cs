using ChineseClip.Model.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace ChineseClip.Model.Inference;

/// <summary>Turns the bytes of a resized picture into the vision tower's input, [3, size, size].</summary>
internal delegate void PixelNormalizer(ReadOnlyMemory<byte> rgb, Span<float> pixels);

/// <summary>The vision tower on ONNX Runtime.</summary>
/// <remarks>A CPU gains nothing from batches of pictures, only memory; an accelerator does.</remarks>
internal sealed class ImageEncoder(OnnxTower tower, int imageSize, PixelNormalizer normalize) : IImageEncoder
{
    private const int Channels = 3;
    private const int CpuBatch = 2;
    private const int AcceleratorBatch = 32;
    private static readonly string[] InputNames = [VisionGraph.PixelValues];
    private readonly int _maxBatch = tower.ExecutionProvider == ExecutionProviders.Cpu ? CpuBatch : AcceleratorBatch;

    public int Dimension => tower.Dimension;

    public int ImageSize => imageSize;

    public string ExecutionProvider => tower.ExecutionProvider;

    public IReadOnlyList<string> Warnings => tower.Warnings;

    private int PictureLength => Channels * imageSize * imageSize;

    public float[] Encode(IReadOnlyList<ReadOnlyMemory<byte>> rgb) => Encode(rgb, isNormalized: true);

    /// <param name="rgb">Resized pictures.</param>
    /// <param name="isNormalized">Whether the rows are to be of unit length, or the projection as it is.</param>
    public float[] Encode(IReadOnlyList<ReadOnlyMemory<byte>> rgb, bool isNormalized)
    {
        ArgumentNullException.ThrowIfNull(rgb);
        for (int i = 0; i < rgb.Count; i++)
        {
            if (rgb[i].Length != PictureLength)
            {
                throw new ArgumentException(
                    $"rgb[{i}] has {rgb[i].Length} bytes; expected {PictureLength} for {imageSize}x{imageSize} pixels.", nameof(rgb));
            }
        }

        float[] embeddings = new float[rgb.Count * Dimension];
        float[] pixels = new float[Math.Min(rgb.Count, _maxBatch) * PictureLength];
        for (int start = 0; start < rgb.Count; start += _maxBatch)
        {
            int batch = Math.Min(_maxBatch, rgb.Count - start);
            for (int i = 0; i < batch; i++)
            {
                normalize(rgb[start + i], pixels.AsSpan(i * PictureLength, PictureLength));
            }

            EncodeBatch(pixels.AsMemory(0, batch * PictureLength), batch, embeddings.AsMemory(start * Dimension), isNormalized);
        }

        return embeddings;
    }

    public void Dispose() => tower.Dispose();

    /// <summary>Runs pixels that are normalized already.</summary>
    /// <param name="pixels">[batch, 3, size, size].</param>
    /// <param name="batch">Number of pictures.</param>
    /// <param name="rows">Receives [batch, Dimension].</param>
    /// <param name="isNormalized">Whether the rows are to be of unit length.</param>
    internal void EncodeBatch(Memory<float> pixels, int batch, Memory<float> rows, bool isNormalized = true)
    {
        using OrtValue input = OrtValue.CreateTensorValueFromMemory(
            OrtMemoryInfo.DefaultInstance, pixels, [batch, Channels, imageSize, imageSize]);
        tower.Run(InputNames, [input], rows, batch, isNormalized);
    }
}
