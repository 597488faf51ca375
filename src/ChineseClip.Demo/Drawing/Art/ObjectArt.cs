namespace ChineseClip.Demo.Drawing.Art;

/// <summary>Household things and food.</summary>
internal static class ObjectArt
{
    public static Sketch Apple() => new Sketch()
        .Line(Tone.Wood, 11, "M0 -44 C0 -66 6 -80 14 -94", isOutlined: true)
        .Piece(Tone.Leaf, "M10 -66 C24 -96 58 -98 76 -88 C66 -64 36 -52 10 -66 Z")
        .Piece(
            Tone.Main,
            "M0 -46 C-26 -70 -96 -62 -92 8 C-90 62 -46 102 -18 94 C-8 90 8 90 18 94 C46 102 90 62 92 8 C96 -62 26 -70 0 -46 Z")
        .Detail(Tone.Tint, "M-70 4 C-70 -24 -56 -38 -36 -42 C-48 -28 -54 -12 -52 12 C-54 24 -68 22 -70 4 Z")
        .Done();

    public static Sketch Umbrella() => new Sketch()
        .Line(Tone.Wood, 11, "M0 -6 L0 72 C0 98 38 98 38 72", isOutlined: true)
        .Line(Tone.Wood, 9, "M0 -98 L0 -80", isOutlined: true)
        .Piece(
            Tone.Main,
            "M-99 10 C-98 -52 -54 -88 0 -88 C54 -88 98 -52 99 10 C86 -8 60 -8 48 10 C36 -8 12 -8 0 10 C-12 -8 -36 -8 -48 10 C-60 -8 -86 -8 -99 10 Z")
        .Detail(Tone.Shade, "M-48 6 C-46 -36 -28 -70 0 -84 C-10 -60 -12 -28 -4 2 C-14 -8 -36 -10 -48 6 Z M94 2 C90 -44 60 -74 24 -80 C44 -60 50 -30 50 4 C60 -8 84 -10 94 2 Z")
        .Done();

    public static Sketch Cup() => new Sketch()
        .Line(Tone.Main, 20, "M42 -34 C104 -46 104 50 36 40", isOutlined: true)
        .Piece(Tone.Main, "M-84 -62 L54 -62 L46 70 C44 84 34 90 24 90 L-54 90 C-64 90 -74 84 -76 70 Z")
        .Disc(Tone.Tint, -15, -62, 69, 18)
        .Detail(Tone.Wood, "M-70 -58 C-40 -66 10 -66 40 -58 C10 -48 -40 -48 -70 -58 Z")
        .Detail(Tone.Spot, "M-15 46 C-60 20 -44 -16 -15 4 C14 -16 30 20 -15 46 Z")
        .Done();

    public static Sketch Book() => new Sketch()
        .Piece(Tone.Shade, "M-76 -78 L-56 -96 L-56 72 L-76 84 Z")
        .Piece(Tone.Cream, "M-70 72 L76 72 L76 92 L-70 92 C-82 90 -82 76 -70 72 Z")
        .Piece(Tone.Main, "M-76 -78 C-76 -90 -70 -96 -58 -96 L76 -96 L76 70 L-60 70 C-70 70 -76 76 -76 84 Z")
        .Detail(Tone.Shade, "M-74 -78 C-74 -88 -68 -93 -60 -94 L-48 -94 L-48 68 L-60 68 C-66 68 -72 72 -74 76 Z")
        .Detail(Tone.Spot, "M-28 -68 L58 -68 L58 -22 L-28 -22 Z")
        .Line(Tone.Shade, 8, "M-14 -52 L44 -52 M-4 -37 L34 -37")
        .Done();

    public static Sketch Key() => new Sketch()
        .Piece(Tone.Main, "M-8 -15 L106 -15 L118 0 L106 15 L98 15 L98 48 L78 48 L78 15 L64 15 L64 40 L44 40 L44 15 L-8 15 Z")
        .Cut(Tone.Main, Sketch.Ellipse(-58, 0, 56, 54), Sketch.Ellipse(-62, 0, 25, 24))
        .Done(degrees: -38);

    public static Sketch Cake() => new Sketch()
        .Piece(Tone.Spot, "M-36 -72 L-24 -72 L-24 -30 L-36 -30 Z M-6 -72 L6 -72 L6 -30 L-6 -30 Z M24 -72 L36 -72 L36 -30 L24 -30 Z")
        .Detail(Tone.Flame, "M-30 -98 C-18 -84 -22 -74 -30 -74 C-38 -74 -42 -84 -30 -98 Z M0 -98 C12 -84 8 -74 0 -74 C-8 -74 -12 -84 0 -98 Z M30 -98 C42 -84 38 -74 30 -74 C22 -74 18 -84 30 -98 Z")
        .Piece(Tone.Main, "M-60 -38 L60 -38 L60 34 L-60 34 Z")
        .Piece(Tone.Main, "M-94 24 L94 24 L94 92 L-94 92 Z")
        .Piece(Tone.Spot, "M-60 -40 L60 -40 L60 -16 C50 -4 42 -4 36 -16 C28 -2 14 -2 6 -16 C-2 0 -16 0 -22 -16 C-30 -2 -50 -2 -60 -16 Z")
        .Piece(Tone.Spot, "M-94 22 L94 22 L94 42 C82 58 68 56 62 42 C50 60 34 58 28 42 C16 60 -2 58 -8 42 C-20 60 -38 58 -44 42 C-54 58 -82 58 -94 42 Z")
        .Done();
}
