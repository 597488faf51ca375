namespace ChineseClip.Demo.Facts;

/// <summary>Which kind-colour-setting combinations are never drawn for training, so that understanding can be told from memory.</summary>
/// <remarks>
/// The split is a fixed hash, the same for every seed: mix(0x5EED_C0DE + kind·10000 + color·100 + setting) mod 100 &lt; 8, where mix is the
/// finalizer of SplitMix64 (Steele, Lea, Flood 2014). About 8 % of the 24·12·6 = 1,728 combinations are unseen.
/// </remarks>
public static class Composition
{
    public const int UnseenPercent = 8;

    public static bool IsUnseen(ThingKind kind, ThingColor color, Setting setting) =>
        Prng.Mix(0x5EED_C0DEUL + ((ulong)kind * 10_000) + ((ulong)color * 100) + (ulong)setting) % 100 < UnseenPercent;

    /// <summary>Every unseen combination, in index order.</summary>
    public static IReadOnlyList<(ThingKind Kind, ThingColor Color, Setting Setting)> Unseen { get; } =
    [
        .. from kind in Enum.GetValues<ThingKind>()
           from color in Enum.GetValues<ThingColor>()
           from setting in Enum.GetValues<Setting>()
           where IsUnseen(kind, color, setting)
           select (kind, color, setting),
    ];
}
