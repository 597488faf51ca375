using Orleans.Placement;

namespace ChineseClip.Grains.Placement;

/// <summary>The grain lives only on silos that have the role.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class OnRoleAttribute(string role) : PlacementFilterAttribute(new RoleFilter(role))
{
    public string Role => role;
}
