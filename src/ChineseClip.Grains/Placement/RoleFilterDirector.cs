using ChineseClip.Grains.Configuration;
using Orleans.Placement;
using Orleans.Runtime.MembershipService.SiloMetadata;
using Orleans.Runtime.Placement;

namespace ChineseClip.Grains.Placement;

/// <summary>Asks the silos' metadata for their roles.</summary>
internal sealed class RoleFilterDirector(ISiloMetadataCache metadata) : IPlacementFilterDirector
{
    public IEnumerable<SiloAddress> Filter(
        PlacementFilterStrategy filterStrategy, PlacementTarget target, IEnumerable<SiloAddress> silos)
    {
        string role = ((RoleFilter)filterStrategy).Role;
        return silos.Where(silo => Roles(metadata, silo).Contains(role));
    }

    /// <summary>The roles of a silo; none while its metadata is not known yet.</summary>
    internal static string[] Roles(ISiloMetadataCache metadata, SiloAddress silo) =>
        metadata.GetSiloMetadata(silo).Metadata.TryGetValue(SiloRoles.MetadataKey, out string? roles)
            ? SiloRoles.Split(roles)
            : [];
}
