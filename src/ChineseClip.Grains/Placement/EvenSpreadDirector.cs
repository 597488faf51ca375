using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Orleans.Runtime.Placement;

namespace ChineseClip.Grains.Placement;

/// <summary>
/// Places <c>group/ordinal</c> by rendezvous hashing with rounds: the ordinals of a group are dealt in rounds of as many
/// as there are silos, and in each round the silos are ranked by hash(silo, group, round). Every silo gets one shard a
/// round, so a group is spread evenly to within one, and which silo gets which shard depends on nothing but the names.
/// Readers, <c>group/ordinal/replica</c>, go to the silos that follow their primary's in the same ranking.
/// </summary>
internal sealed class EvenSpreadDirector : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        SiloAddress[] silos = context.GetCompatibleSilos(target);
        if (IPlacementDirector.GetPlacementHint(target.RequestContextData, silos) is { } hint)
        {
            return Task.FromResult(hint);    // it is being moved there
        }

        return Task.FromResult(Choose(target.GrainIdentity.Key.ToString() ?? "", silos, silo => silo.Endpoint.ToString()));
    }

    internal static T Choose<T>(string key, IReadOnlyList<T> silos, Func<T, string> name)
    {
        string[] parts = key.Split('/');
        (int ordinal, int replica) = (Number(parts, 1), Number(parts, 2));
        int round = ordinal / silos.Count;
        return silos
            .Select(silo => (Silo: silo, Name: name(silo)))
            .OrderByDescending(entry => Weight(entry.Name, parts[0], round))
            .ThenBy(entry => entry.Name, StringComparer.Ordinal)
            .ElementAt((ordinal + replica) % silos.Count).Silo;
    }

    private static int Number(string[] parts, int index) =>
        parts.Length > index && int.TryParse(parts[index], NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0;

    private static ulong Weight(string silo, string group, int round) =>
        XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{silo}|{group}|{round}")));
}
