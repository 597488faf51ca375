using ChineseClip.Demo.Facts;
using SkiaSharp;

namespace ChineseClip.Demo.Drawing;

/// <summary>Paints for every tone of every colour, in a few slightly different batches so that not every red is the same red.</summary>
/// <remarks>Gradients run over the sketch's own square. Threads: paints are shared and never changed.</remarks>
internal sealed class Palette
{
    public const int BatchCount = 3;

    private static readonly SKColor[] Colors =
    [
        new(224, 38, 36),
        new(252, 138, 14),
        new(255, 221, 36),
        new(44, 160, 62),
        new(0, 196, 200),
        new(32, 84, 222),
        new(134, 52, 190),
        new(255, 150, 196),
        new(128, 74, 34),
        new(34, 34, 40),
        new(252, 252, 254),
        new(142, 146, 152),
    ];

    private static readonly float[] BatchBrightness = [0, -0.05f, 0.05f];

    private static readonly Palette[] All =
    [
        .. from color in Enum.GetValues<ThingColor>()
           from batch in Enumerable.Range(0, BatchCount)
           select new Palette(color, BatchBrightness[batch]),
    ];

    private readonly SKPaint[] _paints;

    private Palette(ThingColor color, float brightness)
    {
        var main = Blend(Colors[(int)color], brightness);
        _paints = [.. Enum.GetValues<Tone>().Select(tone => Paint(tone, color, main))];
    }

    public static Palette Of(ThingColor color, int batch) => All[((int)color * BatchCount) + batch];

    public SKPaint this[Tone tone] => _paints[(int)tone];

    private static SKPaint Paint(Tone tone, ThingColor color, SKColor main) => tone switch
    {
        Tone.Main => Gradient(main, color),
        Tone.Shade => Flat(color == ThingColor.White ? new(206, 214, 230) : Blend(main, color == ThingColor.Black ? 0.12f : -0.2f)),
        Tone.Tint => Flat(color == ThingColor.White ? new(226, 232, 243) : Blend(main, color == ThingColor.Black ? 0.25f : 0.4f)),
        Tone.Spot => Flat(Spot(color)),
        Tone.Mark => Flat(color is ThingColor.Black or ThingColor.Brown or ThingColor.Blue or ThingColor.Purple
            ? new(250, 248, 240)
            : new(30, 28, 34)),
        Tone.Outline => Flat(color switch
        {
            ThingColor.White => new(92, 104, 134),
            ThingColor.Black => new(4, 4, 8),
            _ => Blend(main, -0.5f),
        }),
        Tone.Wood => Flat(new(122, 82, 52)),
        Tone.Leaf => Flat(new(86, 168, 74)),
        Tone.Cream => Flat(new(250, 240, 218)),
        Tone.Ink => Flat(new(46, 44, 52)),
        Tone.Glass => Flat(new(214, 236, 246)),
        Tone.Metal => Flat(new(206, 210, 216)),
        Tone.Flame => Flat(new(255, 214, 92)),
        Tone.Carrot => Flat(new(250, 150, 50)),
        _ => throw new ArgumentOutOfRangeException(nameof(tone), tone, "Unknown tone."),
    };

    private static SKColor Spot(ThingColor color) => color switch
    {
        ThingColor.White => new(182, 194, 216),
        ThingColor.Yellow => new(255, 250, 214),
        _ => new(255, 250, 240),
    };

    private static SKPaint Gradient(SKColor main, ThingColor color)
    {
        var light = Blend(main, color == ThingColor.Black ? 0.1f : 0.16f);
        var dark = color == ThingColor.White ? new(232, 236, 245) : Blend(main, -0.1f);
        var paint = Flat(main);
        paint.Shader = SKShader.CreateLinearGradient(
            new(-50, -90), new(50, 90), [light, main, dark], [0, 0.45f, 1], SKShaderTileMode.Clamp);
        return paint;
    }

    private static SKPaint Flat(SKColor color) => new() { Color = color, IsAntialias = true };

    /// <summary>Towards white (positive) or black (negative) by the given share.</summary>
    internal static SKColor Blend(SKColor color, float share)
    {
        var target = share > 0 ? 255 : 0;
        byte Channel(byte value) => (byte)Math.Round(value + ((target - value) * Math.Abs(share)));
        return new(Channel(color.Red), Channel(color.Green), Channel(color.Blue));
    }
}
