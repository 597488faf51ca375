using ChineseClip.Model.Checkpoints;
using ChineseClip.Model.Inference;
using ChineseClip.Model.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace ChineseClip.Model;

/// <summary>The text tower alone, with all that the reference shows of it. To serve embeddings, a package is faster.</summary>
/// <remarks>
/// Threads: safe.  Cost: one forward pass a call, for all its texts at once.
/// Source: transformers 4.34, modeling_chinese_clip.py, ChineseCLIPTextModel.
/// </remarks>
public sealed class TextModel : IDisposable
{
    private static readonly string[] InputNames =
        [TextGraph.InputIds, TextGraph.AttentionMask, TextGraph.TokenTypeIds, TextGraph.PositionIds];
    private readonly FullTower _tower;

    internal TextModel(ModelWeights weights, EncoderRuntimeOptions? options)
    {
        Config = weights.Config.TextConfig;
        _tower = FullTower.Load(weights, TextGraph.WriteFull, options);
    }

    public ChineseClipTextConfig Config { get; }

    /// <summary>Whether the checkpoint has the pooler, so that there is a pooler output.</summary>
    public bool HasPooler => _tower.HasPooler;

    /// <summary>What did not go as configured, such as an accelerator passed over.</summary>
    public IReadOnlyList<string> Warnings => _tower.Warnings;

    /// <summary>Loads the text tower of a whole checkpoint.</summary>
    /// <param name="source">A checkpoint folder, or a weight file in one.</param>
    /// <param name="options">How it runs.</param>
    /// <exception cref="ModelFormatException">The checkpoint is incomplete or malformed.</exception>
    public static TextModel Load(string source, EncoderRuntimeOptions? options = null)
    {
        using CheckpointSource checkpoint = CheckpointSource.Open(source);
        return new TextModel(checkpoint.Weights, options);
    }

    /// <summary>One forward pass.</summary>
    /// <exception cref="ArgumentException">A row is empty or too long, arrays differ in size, or a number is out of its range.</exception>
    public TowerOutput Forward(TextModelInput input, TowerDetails details = TowerDetails.None)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.Count < 1 || input.InputIds.Count % input.Count != 0)
        {
            throw new ArgumentException(
                $"InputIds has {input.InputIds.Count} ids for {input.Count} texts; expected as many for each of at least 1.",
                nameof(input));
        }

        if (input.Length < 1 || input.Length > Config.MaxPositions)
        {
            throw new ArgumentException(
                $"Each text has {input.Length} tokens; expected 1..{Config.MaxPositions}.", nameof(input));
        }

        long[] shape = [input.Count, input.Length];
        using OrtValue ids = Tensor(nameof(input.InputIds), input.InputIds, Config.VocabularySize);
        using OrtValue mask = Mask(input);
        using OrtValue types = Tensor(nameof(input.TokenTypeIds), input.TokenTypeIds ?? Filled(0), Config.TypeVocabularySize);
        using OrtValue positions = Tensor(nameof(input.PositionIds), input.PositionIds ?? Counted(), Config.MaxPositions);
        return _tower.Run(InputNames, [ids, mask, types, positions], details);

        int[] Filled(int value) => [.. Enumerable.Repeat(value, input.InputIds.Count)];
        int[] Counted() => [.. Enumerable.Range(0, input.InputIds.Count).Select(i => i % input.Length)];
        OrtValue Tensor(string name, IReadOnlyList<int> values, int bound) =>
            OrtValue.CreateTensorValueFromMemory(Checked(name, values, input.InputIds.Count, bound), shape);
    }

    public void Dispose() => _tower.Dispose();

    private static OrtValue Mask(TextModelInput input)
    {
        IReadOnlyList<int> mask = input.AttentionMask ?? [.. Enumerable.Repeat(1, input.InputIds.Count)];
        bool isPerToken = mask.Count == (long)input.InputIds.Count * input.Length;
        int looking = isPerToken ? input.Length : 1;
        if (!isPerToken && mask.Count != input.InputIds.Count)
        {
            throw new ArgumentException(
                $"AttentionMask has {mask.Count} numbers; expected {input.InputIds.Count}, as many as InputIds, or {input.Length} times as many.");
        }

        return OrtValue.CreateTensorValueFromMemory(
            Checked(nameof(input.AttentionMask), mask, mask.Count, 2), [input.Count, looking, input.Length]);
    }

    private static long[] Checked(string name, IReadOnlyList<int> values, int count, int bound)
    {
        if (values.Count != count)
        {
            throw new ArgumentException($"{name} has {values.Count} numbers; expected {count}, as many as InputIds.");
        }

        long[] checkedValues = new long[count];
        for (int i = 0; i < count; i++)
        {
            checkedValues[i] = values[i] >= 0 && values[i] < bound
                ? values[i]
                : throw new ArgumentException($"{name}[{i}] is {values[i]}; expected 0..{bound - 1}.");
        }

        return checkedValues;
    }
}
