namespace ChineseClip.Model;

/// <summary>Numbers with a shape, row-major.</summary>
/// <remarks>Ownership: whoever receives it owns the array.</remarks>
public sealed record FloatTensor(IReadOnlyList<int> Shape, float[] Values)
{
    /// <summary>The rows of a matrix.</summary>
    /// <exception cref="InvalidOperationException">The tensor has not two dimensions.</exception>
    public float[][] ToRows() => Shape.Count == 2
        ? [.. Enumerable.Range(0, Shape[0]).Select(row => Values[(row * Shape[1])..((row + 1) * Shape[1])])]
        : throw new InvalidOperationException($"A tensor of {Shape.Count} dimensions has no rows; expected 2 dimensions.");
}
