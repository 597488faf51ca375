using ChineseClip.Vectors;

namespace ChineseClip.Cli.Bench;

/// <summary>The names of the ways to hold vectors, as collections have them.</summary>
internal static class QuantizationName
{
    private static readonly Dictionary<string, VectorQuantization> ByName = new(StringComparer.Ordinal)
    {
        ["none"] = VectorQuantization.None,
        ["sq7"] = VectorQuantization.Sq7,
        ["sq7+s16"] = VectorQuantization.Sq7S16,
    };

    public static string[] All => [.. ByName.Keys];

    public static VectorQuantization Parse(string name) => ByName.TryGetValue(name, out VectorQuantization quantization)
        ? quantization
        : throw new ArgumentException($"quantization is '{name}'; must be one of {string.Join(", ", All)}.", nameof(name));

    public static string Of(VectorQuantization quantization) => ByName.First(pair => pair.Value == quantization).Key;
}
