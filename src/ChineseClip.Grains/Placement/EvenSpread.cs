namespace ChineseClip.Grains.Placement;

/// <summary>Marks a grain for <see cref="EvenSpreadDirector"/>.</summary>
[GenerateSerializer, Alias("cc.EvenSpread"), Immutable]
public sealed class EvenSpread : PlacementStrategy;
