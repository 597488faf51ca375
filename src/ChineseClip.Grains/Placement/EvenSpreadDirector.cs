using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Orleans.Runtime.Placement;

namespace ChineseClip.Grains.Placement;

/// <summary>
/// Places <c>group/ordinal</c> by rendezvous hashing with rounds: the ordinals of a group are dealt in rounds of as many
/// as there are silos, and in each round the silos are ranked by hash(silo, group, round). Every silo gets one shard a
/// round, so a group is spread evenly to within one, and which silo gets which shard depends on nothing but the names.
/// </summary>
internal sealed class EvenSpreadDirector : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        SiloAddress[] silos = context.GetCompatibleSilos(target);
        return Task.FromResult(Choose(target.GrainIdentity.Key.ToString() ?? "", silos, silo => silo.Endpoint.ToString()));
    }

    internal static T Choose<T>(string key, IReadOnlyList<T> silos, Func<T, string> name)
    {
        int slash = key.LastIndexOf('/');
        string group = slash < 0 ? key : key[..slash];
        int ordinal = slash < 0 ? 0
            : int.TryParse(key.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int parsed) ? parsed : 0;
        int round = ordinal / silos.Count;
        return silos
            .Select(silo => (Silo: silo, Name: name(silo)))
            .OrderByDescending(entry => Weight(entry.Name, group, round))
            .ThenBy(entry => entry.Name, StringComparer.Ordinal)
            .ElementAt(ordinal % silos.Count).Silo;
    }

    private static ulong Weight(string silo, string group, int round) =>
        XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{silo}|{group}|{round}")));
}
