namespace ChineseClip.Grains.Placement;

/// <summary>One copy of a shard that should go to another silo.</summary>
/// <param name="Copy">Which.</param>
/// <param name="Target">Where to.</param>
/// <param name="IsUrgent">Whether it leaves another copy of its shard, so that one silo's end would be the end of both.</param>
internal sealed record ShardMove(PlacedCopy Copy, string Target, bool IsUrgent)
{
    /// <summary>
    /// The next move towards an even spread; null when there is none to make. First a copy leaves a silo that has another copy of the same
    /// shard; then the fullest silo gives one to the emptiest when it has at least two more, from the collection that is spread least
    /// evenly between the two. A move never puts two copies of a shard together.
    /// </summary>
    public static ShardMove? Next(IReadOnlyCollection<PlacedCopy> copies, IReadOnlyCollection<string> silos)
    {
        Dictionary<string, PlacedCopy[]> bySilo = silos.ToDictionary(
            silo => silo, silo => copies.Where(copy => copy.Silo == silo).ToArray(), StringComparer.Ordinal);
        string[] emptiestFirst = [.. silos.OrderBy(silo => bySilo[silo].Length).ThenBy(silo => silo, StringComparer.Ordinal)];
        foreach (PlacedCopy copy in copies.Where(copy => copy.Replica > 0).OrderBy(copy => copy.Name, StringComparer.Ordinal))
        {
            if (copies.Any(other => other != copy && other.IsOfSameShard(copy) && other.Silo == copy.Silo)
                && emptiestFirst.FirstOrDefault(silo => !bySilo[silo].Any(copy.IsOfSameShard)) is { } free)
            {
                return new ShardMove(copy, free, IsUrgent: true);
            }
        }

        string emptiest = emptiestFirst[0];
        string fullest = emptiestFirst[^1];
        if (bySilo[fullest].Length - bySilo[emptiest].Length < 2)
        {
            return null;
        }

        PlacedCopy? best = bySilo[fullest]
            .Where(copy => !bySilo[emptiest].Any(copy.IsOfSameShard))
            .OrderByDescending(copy => InCollection(fullest, copy) - InCollection(emptiest, copy))
            .ThenBy(copy => copy.Name, StringComparer.Ordinal)
            .FirstOrDefault();
        return best is null ? null : new ShardMove(best, emptiest, IsUrgent: false);

        int InCollection(string silo, PlacedCopy copy) => bySilo[silo].Count(other => other.Collection == copy.Collection);
    }
}
