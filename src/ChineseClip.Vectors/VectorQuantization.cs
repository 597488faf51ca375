namespace ChineseClip.Vectors;

/// <summary>What a search reads of each candidate.</summary>
public enum VectorQuantization
{
    /// <summary>Codes of 7 bits a dimension; the best candidates are compared again by their full vectors.</summary>
    Sq7,

    /// <summary>The full float32 vectors: less memory, more memory traffic.</summary>
    None,

    /// <summary>
    /// As <see cref="Sq7"/>, with the full vectors in 16 bits a dimension: half their memory. A vector is given back within 1.6e-5 an
    /// element of what was added, and a score is exact within some 1e-5.
    /// </summary>
    Sq7S16,
}
