namespace ChineseClip.Demo.Drawing.Art;

/// <summary>Things of the sky.</summary>
internal static class SkyArt
{
    public static Sketch Sun() => new Sketch()
        .Star(Tone.Shade, 100, 62, 12)
        .Disc(Tone.Main, 0, 0, 62, 62)
        .Dot(Tone.Mark, -22, -10, 8, 10)
        .Dot(Tone.Mark, 22, -10, 8, 10)
        .Line(Tone.Mark, 7, "M-26 18 C-14 34 14 34 26 18")
        .Done();

    public static Sketch Moon() => new Sketch()
        .Cut(Tone.Main, Sketch.Ellipse(0, 0, 96, 96), Sketch.Ellipse(48, -22, 78, 78))
        .Dot(Tone.Shade, -62, 10, 12, 12)
        .Dot(Tone.Shade, -34, 58, 14, 13)
        .Dot(Tone.Shade, -66, -28, 7, 7)
        .Done();

    public static Sketch Star() => new Sketch()
        .Star(Tone.Main, 100, 44, 5, y: 6)
        .Detail(Tone.Tint, "M0 -94 L0 6 L-26 -30 Z M95 -25 L0 6 L26 -30 Z M59 87 L0 6 L42 20 Z M-59 87 L0 6 L0 50 Z M-95 -25 L0 6 L-42 20 Z")
        .Done();

    public static Sketch Cloud() => new Sketch()
        .Piece(
            Tone.Main,
            "M-62 62 C-104 62 -110 6 -68 0 C-74 -46 -22 -62 -6 -34 C8 -74 74 -60 62 -8 C104 -8 108 62 62 62 Z")
        .Detail(Tone.Shade, "M-72 48 C-40 58 40 58 74 46 C70 56 64 58 58 58 L-60 58 C-66 58 -70 54 -72 48 Z")
        .Dot(Tone.Tint, -42, -14, 14, 9)
        .Dot(Tone.Tint, 24, -34, 18, 10)
        .Done();

    public static Sketch Balloon() => new Sketch()
        .Line(Tone.Ink, 6, "M0 50 C22 62 -20 78 2 98")
        .Piece(Tone.Main, "M-13 62 L0 42 L13 62 Z")
        .Piece(Tone.Main, "M0 48 C-40 34 -62 0 -62 -34 C-62 -72 -36 -96 0 -96 C36 -96 62 -72 62 -34 C62 0 40 34 0 48 Z")
        .Detail(Tone.Tint, "M-42 -34 C-42 -58 -28 -74 -10 -78 C-20 -66 -28 -52 -28 -28 C-30 -22 -40 -22 -42 -34 Z")
        .Done();

    public static Sketch Plane() => new Sketch()
        .Piece(Tone.Shade, "M10 58 L46 84 L46 98 L0 88 L-46 98 L-46 84 L-10 58 Z")
        .Piece(Tone.Main, "M10 -34 L100 26 L100 50 L10 26 Z")
        .Piece(Tone.Main, "M-10 -34 L-100 26 L-100 50 L-10 26 Z")
        .Piece(Tone.Main, "M0 -100 C18 -90 20 -70 20 -52 L18 56 C16 80 8 94 0 98 C-8 94 -16 80 -18 56 L-20 -52 C-20 -70 -18 -90 0 -100 Z")
        .Detail(Tone.Glass, "M-12 -66 C-10 -84 10 -84 12 -66 C6 -60 -6 -60 -12 -66 Z")
        .Dot(Tone.Spot, -60, 22, 9, 9)
        .Dot(Tone.Spot, 60, 22, 9, 9)
        .Done(degrees: 42);
}
