using ChineseClip.Demo.Facts;

namespace ChineseClip.Demo.Wording;

/// <summary>What a caption says of one group; null where it is silent.</summary>
public sealed record StatedGroup(ThingKind? Kind, ThingColor? Color, int? Count, ThingSize? Size)
{
    public bool Fits(ThingGroup group)
    {
        ArgumentNullException.ThrowIfNull(group);
        return (Kind is null || Kind == group.Kind)
            && (Color is null || Color == group.Color)
            && (Count is null || Count == group.Count)
            && (Size is null || Size == group.Size);
    }
}
