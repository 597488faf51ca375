using ChineseClip.Testing;

namespace ChineseClip.Model.Tests;

/// <summary>The fixtures made with the reference implementation (transformers c26b2a29e500, torch 1.13).</summary>
internal static class GoldenFiles
{
    public static string Root { get; } = Path.Combine(AppContext.BaseDirectory, "Golden");

    public static string TinyHf { get; } = Path.Combine(Root, "tiny-hf");

    /// <summary>Inputs and every output of the tiny model.</summary>
    public static NpzFile TinyOutputs { get; } = NpzFile.Open(Path.Combine(Root, "tiny-hf.npz"));
}
