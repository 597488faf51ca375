namespace ChineseClip.Grains.Placement;

/// <summary>A copy of a shard and the silo it is on.</summary>
/// <param name="Collection">The collection.</param>
/// <param name="Ordinal">The shard.</param>
/// <param name="Replica">0 for the primary.</param>
/// <param name="Silo">The silo's address.</param>
internal sealed record PlacedCopy(string Collection, int Ordinal, int Replica, string Silo)
{
    public string Name => FormattableString.Invariant($"{Collection}/{Ordinal}/{Replica}");

    public bool IsOfSameShard(PlacedCopy other) => Ordinal == other.Ordinal && Collection == other.Collection;
}
