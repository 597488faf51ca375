namespace ChineseClip.Vectors;

/// <summary>How a <see cref="QueryLearner"/> works.</summary>
public sealed record QueryLearnerOptions
{
    /// <summary>Effort and budget of learning from one query.</summary>
    public LearningParameters Learning { get; init; } = new();

    /// <summary>Queries remembered, to be learned again when the data has changed; at least 1.</summary>
    public int RememberedQueries { get; init; } = 8192;

    /// <summary>Pool size of the searches that are served: what such a search finds already is not learned. 1..65536.</summary>
    public int ServingEf { get; init; } = 64;

    /// <summary>Hits that count: of learning whether a query is known, and of the sampled recall. 1..128.</summary>
    public int K { get; init; } = 10;

    /// <summary>Every n-th query is not learned but measured by exact search; 0 for none.</summary>
    public int SampleEvery { get; init; } = 128;

    /// <summary>The sampled recall is of at most so many queries; at least 1.</summary>
    public int SampleWindow { get; init; } = 64;

    /// <summary>When so large a part of the items was added or removed since, what is remembered is learned again. Above 0.</summary>
    public double RelearnAfterChangedShare { get; init; } = 0.1;

    /// <summary>The part of one core that <see cref="QueryLearner.RunAsync"/> takes at most. Above 0, at most 1.</summary>
    public double MaxShareOfCore { get; init; } = 0.25;

    /// <summary>Asked before each portion of <see cref="QueryLearner.RunAsync"/>: while it says so, others need the processor more. Null: never.</summary>
    public Func<bool>? IsBusy { get; init; }

    internal void ThrowIfInvalid()
    {
        Learning.ThrowIfInvalid();
        ThrowIfOutside(RememberedQueries, 1, int.MaxValue, nameof(RememberedQueries));
        ThrowIfOutside(ServingEf, 1, HnswParameters.MaxEf, nameof(ServingEf));
        ThrowIfOutside(K, 1, LearningParameters.MaxNeighborCount, nameof(K));
        ThrowIfOutside(SampleEvery, 0, int.MaxValue, nameof(SampleEvery));
        ThrowIfOutside(SampleWindow, 1, int.MaxValue, nameof(SampleWindow));
        if (!(RelearnAfterChangedShare > 0))
        {
            throw new ArgumentOutOfRangeException(
                nameof(RelearnAfterChangedShare), RelearnAfterChangedShare,
                $"RelearnAfterChangedShare is {RelearnAfterChangedShare}; must be above 0.");
        }
        if (!(MaxShareOfCore > 0 && MaxShareOfCore <= 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(MaxShareOfCore), MaxShareOfCore, $"MaxShareOfCore is {MaxShareOfCore}; must be above 0 and at most 1.");
        }
    }

    private static void ThrowIfOutside(int value, int min, int max, string name)
    {
        if (value < min || value > max)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}; must be {min}..{max}.");
        }
    }
}
