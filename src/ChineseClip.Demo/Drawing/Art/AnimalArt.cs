namespace ChineseClip.Demo.Drawing.Art;

/// <summary>Creatures, and the snowman.</summary>
internal static class AnimalArt
{
    public static Sketch Fish() => new Sketch()
        .Piece(Tone.Shade, "M-10 -36 C4 -74 36 -72 50 -58 L34 -26 Z")
        .Piece(Tone.Shade, "M46 0 L98 -52 C86 -14 86 16 98 56 Z")
        .Piece(Tone.Main, "M-98 6 C-66 -58 18 -62 66 0 C18 70 -66 66 -98 6 Z")
        .Piece(Tone.Shade, "M-14 14 C10 8 24 22 18 40 C4 40 -10 32 -14 14 Z")
        .Line(Tone.Spot, 7, "M-38 -30 C-24 -8 -24 18 -38 40")
        .Disc(Tone.Cream, -62, -6, 12, 12)
        .Dot(Tone.Ink, -64, -5, 6, 6)
        .Done();

    public static Sketch Butterfly() => new Sketch()
        .Line(Tone.Ink, 6, "M-3 -40 C-8 -70 -20 -84 -32 -86 M3 -40 C8 -70 20 -84 32 -86")
        .Piece(Tone.Main, "M0 -14 C-30 -90 -100 -96 -98 -46 C-96 2 -40 20 0 8 Z")
        .Piece(Tone.Main, "M0 -14 C30 -90 100 -96 98 -46 C96 2 40 20 0 8 Z")
        .Piece(Tone.Shade, "M0 2 C-44 6 -88 36 -70 74 C-54 104 -10 62 0 22 Z")
        .Piece(Tone.Shade, "M0 2 C44 6 88 36 70 74 C54 104 10 62 0 22 Z")
        .Dot(Tone.Spot, -62, -42, 16, 15)
        .Dot(Tone.Spot, 62, -42, 16, 15)
        .Dot(Tone.Spot, -46, 54, 11, 11)
        .Dot(Tone.Spot, 46, 54, 11, 11)
        .Disc(Tone.Ink, 0, 6, 8, 48)
        .Done();

    public static Sketch Cat() => new Sketch()
        .Line(Tone.Main, 20, "M62 26 C96 20 96 -34 78 -62", isOutlined: true)
        .Piece(Tone.Shade, "M30 40 L56 40 L54 92 L34 92 Z M-34 40 L-12 40 L-14 92 L-32 92 Z")
        .Piece(Tone.Main, "M-40 -8 C0 -14 50 -8 66 14 C76 34 76 64 74 92 L54 92 L46 62 L-30 62 L-36 92 L-56 92 C-60 60 -62 20 -40 -8 Z")
        .Piece(Tone.Main, "M-92 -38 L-94 -92 L-64 -72 C-54 -75 -44 -75 -34 -72 L-4 -92 L-6 -38 C-6 -4 -28 10 -49 10 C-70 10 -92 -4 -92 -38 Z")
        .Dot(Tone.Mark, -66, -36, 8, 10)
        .Dot(Tone.Mark, -32, -36, 8, 10)
        .Detail(Tone.Mark, "M-55 -18 L-43 -18 L-49 -10 Z")
        .Line(Tone.Shade, 8, "M10 -10 L10 16 M30 -8 L30 14 M48 -2 L48 16")
        .Done();

    public static Sketch Bird() => new Sketch()
        .Piece(Tone.Shade, "M6 0 C6 -46 40 -84 84 -94 C84 -54 66 -14 40 8 Z")
        .Piece(Tone.Carrot, "M-78 -12 L-100 4 L-76 12 Z")
        .Piece(
            Tone.Main,
            "M-82 -2 C-84 -34 -46 -42 -30 -22 C0 -8 40 10 98 0 C92 30 60 48 24 56 C-30 66 -76 44 -82 -2 Z")
        .Piece(Tone.Main, "M-22 8 C-44 -36 -34 -76 -8 -98 C12 -60 46 -30 46 18 C26 34 -6 30 -22 8 Z")
        .Line(Tone.Shade, 7, "M-14 -56 C-6 -36 4 -20 12 -4 M10 -34 C18 -20 24 -10 28 0")
        .Disc(Tone.Cream, -60, -8, 10, 10)
        .Dot(Tone.Ink, -62, -8, 5, 5)
        .Done();

    public static Sketch Snowman() => new Sketch()
        .Line(Tone.Wood, 9, "M-40 26 L-92 -8 M-76 2 L-78 -22 M40 26 L92 -8 M76 2 L78 -22", isOutlined: true)
        .Disc(Tone.Main, 0, 50, 58, 48)
        .Disc(Tone.Main, 0, -24, 42, 40)
        .Piece(Tone.Ink, "M-46 -52 L-46 -62 L-30 -62 L-30 -98 L30 -98 L30 -62 L46 -62 L46 -52 Z")
        .Piece(Tone.Carrot, "M-4 -26 L34 -14 L-4 -10 Z")
        .Dot(Tone.Mark, -17, -34, 7, 7)
        .Dot(Tone.Mark, 17, -34, 7, 7)
        .Dot(Tone.Mark, 0, 38, 7, 7)
        .Dot(Tone.Mark, 0, 64, 7, 7)
        .Done();
}
