using Orleans.Metadata;
using Orleans.Placement;

namespace ChineseClip.Grains.Placement;

/// <summary>Keeps the silos that have a role. The role travels in the grain type's properties.</summary>
public sealed class RoleFilter(string role) : PlacementFilterStrategy(order: 1)
{
    private const string RoleProperty = "role";

    // Orleans makes one without a role and then reads the role from the grain type's properties.
    public RoleFilter()
        : this("")
    {
    }

    public string Role { get; private set; } = role;

    public override void AdditionalInitialize(GrainProperties properties) =>
        Role = GetPlacementFilterGrainProperty(RoleProperty, properties) ?? "";

    protected override IEnumerable<KeyValuePair<string, string>> GetAdditionalGrainProperties(
        IServiceProvider services,
        Type grainClass,
        GrainType grainType,
        IReadOnlyDictionary<string, string> existingProperties)
    {
        yield return new KeyValuePair<string, string>(RoleProperty, Role);
    }
}
