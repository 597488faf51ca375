namespace ChineseClip.Vectors.Graph;

/// <summary>A candidate neighbour and its distance to the node that chooses.</summary>
internal readonly record struct Neighbor(float Distance, int Ordinal) : IComparable<Neighbor>
{
    public int CompareTo(Neighbor other)
    {
        int byDistance = Distance.CompareTo(other.Distance);
        return byDistance != 0 ? byDistance : Ordinal.CompareTo(other.Ordinal);
    }
}

/// <summary>Chooses diverse neighbours (Malkov and Yashunin, Algorithm 4, without extending the candidates).</summary>
internal static class NeighborSelection
{
    // Up to rounding. Copies of a node take half of its places at most, or many copies would be an island.
    private const float DistanceOfCopies = 1e-6f;

    /// <param name="space">Distances between candidates.</param>
    /// <param name="candidates">Nearest first.</param>
    /// <param name="chosen">Takes the ordinals; its length is the most that may be chosen.</param>
    /// <returns>How many were chosen.</returns>
    public static int Select<TSpace>(TSpace space, ReadOnlySpan<Neighbor> candidates, Span<int> chosen)
        where TSpace : struct, IVectorSpace
    {
        int count = 0;
        if (candidates.Length <= chosen.Length)
        {
            foreach (Neighbor candidate in candidates)
            {
                chosen[count++] = candidate.Ordinal;
            }
            return count;
        }
        return Extend(space, candidates, chosen, 0);
    }

    /// <summary>Adds diverse neighbours to those that are chosen already, of which there are <paramref name="count"/>.</summary>
    /// <param name="space">Distances between candidates.</param>
    /// <param name="candidates">Nearest first.</param>
    /// <param name="chosen">Takes the ordinals; its length is the most that may be chosen.</param>
    /// <param name="count">Chosen before.</param>
    /// <param name="slack">How many times nearer than to the node a candidate may be to a chosen one, from 1 (α of DiskANN, NeurIPS 2019).</param>
    public static int Extend<TSpace>(
        TSpace space, ReadOnlySpan<Neighbor> candidates, Span<int> chosen, int count, float slack = 1)
        where TSpace : struct, IVectorSpace
    {
        for (int i = 0; i < candidates.Length && count < chosen.Length; i++)
        {
            bool isOneCopyTooMany = candidates[i].Distance <= DistanceOfCopies && count >= chosen.Length / 2;
            if (!isOneCopyTooMany && IsNearerThanToChosen(space, candidates[i], chosen[..count], slack))
            {
                chosen[count++] = candidates[i].Ordinal;
            }
        }
        return count;
    }

    // A candidate nearer to a chosen neighbour than to the node is reached through that neighbour.
    private static bool IsNearerThanToChosen<TSpace>(TSpace space, Neighbor candidate, ReadOnlySpan<int> chosen, float slack)
        where TSpace : struct, IVectorSpace
    {
        foreach (int other in chosen)
        {
            if (slack * space.Distance(candidate.Ordinal, other) < candidate.Distance)
            {
                return false;
            }
        }
        return true;
    }
}
