using System.Buffers;
using ChineseClip.Model.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace ChineseClip.Model.Inference;

/// <summary>The text tower on ONNX Runtime.</summary>
/// <remarks>
/// Texts run in order of length, up to <see cref="MaxBatch"/> at a time, each batch padded to its own longest: padding costs as
/// much as tokens do.
/// </remarks>
internal sealed class TextEncoder(OnnxTower tower, ChineseClipTextConfig config) : ITextEncoder
{
    private const int MaxBatch = 32;
    private static readonly string[] InputNames = [TextGraph.InputIds, TextGraph.AttentionMask];

    public int Dimension => tower.Dimension;

    public string ExecutionProvider => tower.ExecutionProvider;

    public IReadOnlyList<string> Warnings => tower.Warnings;

    public float[] Encode(IReadOnlyList<int[]> tokenIds) => Encode(tokenIds, isNormalized: true);

    /// <param name="tokenIds">For each text its ids.</param>
    /// <param name="isNormalized">Whether the rows are to be of unit length, or the projection as it is.</param>
    public float[] Encode(IReadOnlyList<int[]> tokenIds, bool isNormalized)
    {
        ArgumentNullException.ThrowIfNull(tokenIds);
        for (int i = 0; i < tokenIds.Count; i++)
        {
            RequireTokens(tokenIds[i], i);
        }

        float[] embeddings = new float[tokenIds.Count * Dimension];
        int[] byLength = [.. Enumerable.Range(0, tokenIds.Count).OrderBy(i => tokenIds[i].Length)];
        float[] rows = ArrayPool<float>.Shared.Rent(MaxBatch * Dimension);
        for (int start = 0; start < byLength.Length; start += MaxBatch)
        {
            ReadOnlySpan<int> chosen = byLength.AsSpan(start, Math.Min(MaxBatch, byLength.Length - start));
            EncodeBatch(tokenIds, chosen, rows, isNormalized);
            for (int row = 0; row < chosen.Length; row++)
            {
                rows.AsSpan(row * Dimension, Dimension).CopyTo(embeddings.AsSpan(chosen[row] * Dimension));
            }
        }

        ArrayPool<float>.Shared.Return(rows);
        return embeddings;
    }

    public void Dispose() => tower.Dispose();

    private void EncodeBatch(IReadOnlyList<int[]> tokenIds, ReadOnlySpan<int> chosen, Memory<float> rows, bool isNormalized)
    {
        int length = tokenIds[chosen[^1]].Length;
        long[] ids = new long[chosen.Length * length];
        long[] mask = new long[chosen.Length * length];
        Array.Fill(ids, config.PadTokenId);
        for (int row = 0; row < chosen.Length; row++)
        {
            int[] text = tokenIds[chosen[row]];
            for (int i = 0; i < text.Length; i++)
            {
                ids[(row * length) + i] = text[i];
                mask[(row * length) + i] = 1;
            }
        }

        long[] shape = [chosen.Length, length];
        using OrtValue idsTensor = OrtValue.CreateTensorValueFromMemory(ids, shape);
        using OrtValue maskTensor = OrtValue.CreateTensorValueFromMemory(mask, shape);
        tower.Run(InputNames, [idsTensor, maskTensor], rows, chosen.Length, isNormalized);
    }

    private void RequireTokens(int[] ids, int index)
    {
        if (ids.Length == 0 || ids.Length > config.MaxPositions)
        {
            throw new ArgumentException(
                $"tokenIds[{index}] has {ids.Length} tokens; expected 1..{config.MaxPositions}.", nameof(ids));
        }

        foreach (int id in ids)
        {
            if (id < 0 || id >= config.VocabularySize)
            {
                throw new ArgumentException(
                    $"tokenIds[{index}] holds {id}; expected 0..{config.VocabularySize - 1}.", nameof(ids));
            }
        }
    }
}
