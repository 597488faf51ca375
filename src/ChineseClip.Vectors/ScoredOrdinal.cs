namespace ChineseClip.Vectors;

/// <summary>One hit: the row of an index and its cosine similarity to the query.</summary>
/// <remarks>Range: Score in [-1, 1] up to rounding, higher is better.  Order: score descending, then ordinal ascending.</remarks>
public readonly record struct ScoredOrdinal(int Ordinal, float Score) : IComparable<ScoredOrdinal>
{
    public int CompareTo(ScoredOrdinal other)
    {
        int byScore = other.Score.CompareTo(Score);
        return byScore != 0 ? byScore : Ordinal.CompareTo(other.Ordinal);
    }

    public static bool operator <(ScoredOrdinal left, ScoredOrdinal right) => left.CompareTo(right) < 0;

    public static bool operator >(ScoredOrdinal left, ScoredOrdinal right) => left.CompareTo(right) > 0;

    public static bool operator <=(ScoredOrdinal left, ScoredOrdinal right) => left.CompareTo(right) <= 0;

    public static bool operator >=(ScoredOrdinal left, ScoredOrdinal right) => left.CompareTo(right) >= 0;
}
