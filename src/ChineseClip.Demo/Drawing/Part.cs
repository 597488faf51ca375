using SkiaSharp;

namespace ChineseClip.Demo.Drawing;

/// <summary>One painted piece of a thing, in units of a hundredth of its half-width, with its outline as a second filled path.</summary>
internal sealed record Part(SKPath Fill, SKPath? Outline, Tone Tone);
