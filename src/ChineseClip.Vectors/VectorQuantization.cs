namespace ChineseClip.Vectors;

/// <summary>What a search reads of each candidate.</summary>
public enum VectorQuantization
{
    /// <summary>Codes of 7 bits a dimension; the best candidates are compared again by their full vectors.</summary>
    Sq7,

    /// <summary>The full float32 vectors: less memory, more memory traffic.</summary>
    None,
}
