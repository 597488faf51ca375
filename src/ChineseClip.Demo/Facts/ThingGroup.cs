namespace ChineseClip.Demo.Facts;

/// <summary>Things of one kind and colour: 1 to 4 of them, with a size only when there is one.</summary>
public sealed record ThingGroup(ThingKind Kind, ThingColor Color, int Count, ThingSize Size);
