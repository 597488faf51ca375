namespace ChineseClip.Vectors.Graph;

/// <summary>What a traversal asks of vectors: to rank a row against the query at hand, and to compare two rows.</summary>
/// <remarks>Implemented by structs, so that the JIT compiles one loop for each, with the arithmetic inlined.</remarks>
internal interface IVectorSpace
{
    /// <summary>Higher is nearer to the query.</summary>
    int Rank(int ordinal);

    /// <summary>Starts fetching a row from memory.</summary>
    void Prefetch(int ordinal);

    /// <summary>The score that a rank stands for: but for rounding, and for a difference that is the same for all rows.</summary>
    float RoughScore(int rank);

    /// <summary>Distance of two rows, lower is nearer; comparable across pairs.</summary>
    float Distance(int left, int right);
}
