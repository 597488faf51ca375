namespace ChineseClip.Contracts;

/// <summary>The element of a request that was wrong.</summary>
public sealed record ProblemElement
{
    /// <summary>Its place in the batch, from 0.</summary>
    public int? Index { get; init; }

    /// <summary>Its id, when it has one.</summary>
    public string? Id { get; init; }

    /// <summary>Name of the field, or path into the JSON document.</summary>
    public string? Field { get; init; }
}
