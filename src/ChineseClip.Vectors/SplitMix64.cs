namespace ChineseClip.Vectors;

/// <summary>Pseudo-random numbers by their place in a sequence. Part of the snapshot format: levels and sketches depend on it.</summary>
/// <remarks>Source: Steele, Lea and Flood, Fast splittable pseudorandom number generators (OOPSLA 2014).</remarks>
internal static class SplitMix64
{
    public static ulong At(ulong seed, ulong place)
    {
        ulong z = seed + (place * 0x9E3779B97F4A7C15UL);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
