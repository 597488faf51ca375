namespace ChineseClip.Demo.Facts;

/// <summary>SplitMix64 keyed by (seed, stream, index): the same numbers on every machine and .NET version.</summary>
/// <remarks>Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014. Every draw takes one step.</remarks>
internal struct Prng(ulong seed, PrngStream stream, int index)
{
    private const ulong Gamma = 0x9E3779B97F4A7C15;
    private ulong _state = Mix(Mix(Mix(seed + Gamma) + (ulong)stream) + (ulong)(uint)index);

    public static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }

    public ulong Next()
    {
        _state += Gamma;
        return Mix(_state);
    }

    /// <summary>Uniform in 0..bound-1.</summary>
    public int Below(int bound) => (int)Math.BigMul(Next(), (ulong)bound, out _);

    /// <summary>Uniform in [0, 1), 53 bits.</summary>
    public double Unit() => (Next() >> 11) * (1.0 / (1UL << 53));

    public bool Chance(double probability) => Unit() < probability;

    public float Between(double low, double high) => (float)(low + ((high - low) * Unit()));

    public T Pick<T>(IReadOnlyList<T> choices) => choices[Below(choices.Count)];
}
