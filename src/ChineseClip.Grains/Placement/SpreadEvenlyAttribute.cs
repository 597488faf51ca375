using Orleans.Placement;

namespace ChineseClip.Grains.Placement;

/// <summary>The grains of one group (<c>group/ordinal</c> keys) are spread evenly over the silos.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class SpreadEvenlyAttribute() : PlacementAttribute(new EvenSpread());
