using ChineseClip.Abstractions;

namespace ChineseClip.Grains.Collections;

/// <summary>A collection as it is stored.</summary>
/// <param name="Definition">What it is.</param>
/// <param name="IsDeleting">Its deletion has begun and will be finished; nobody sees it any more.</param>
internal sealed record CollectionDocument(CollectionDefinition Definition, bool IsDeleting);
