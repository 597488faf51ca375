namespace ChineseClip.Demo.Drawing.Art;

/// <summary>Buildings, plants and hills.</summary>
internal static class PlaceArt
{
    public static Sketch House() => new Sketch()
        .Piece(Tone.Shade, "M42 -86 L68 -86 L68 -20 L42 -20 Z")
        .Piece(Tone.Main, "M-78 -8 L78 -8 L78 94 L-78 94 Z")
        .Piece(Tone.Shade, "M-98 -2 L0 -92 L98 -2 Z")
        .Piece(Tone.Wood, "M-20 94 L-20 40 C-20 24 20 24 20 40 L20 94 Z")
        .Piece(Tone.Glass, "M34 22 L64 22 L64 54 L34 54 Z")
        .Piece(Tone.Glass, "M-64 22 L-34 22 L-34 54 L-64 54 Z")
        .Done();

    public static Sketch Tree() => new Sketch()
        .Piece(Tone.Wood, "M-15 20 L-22 98 L22 98 L15 20 Z")
        .Blob(Tone.Main, (0, -52, 45), (-46, -12, 43), (46, -12, 43), (0, 2, 48))
        .Dot(Tone.Tint, -16, -66, 20, 13)
        .Dot(Tone.Tint, -58, -24, 15, 11)
        .Dot(Tone.Shade, 30, 22, 22, 9)
        .Dot(Tone.Shade, 58, 4, 15, 9)
        .Done();

    public static Sketch Flower() => new Sketch()
        .Line(Tone.Leaf, 13, "M0 0 C4 30 -4 60 0 96", isOutlined: true)
        .Piece(Tone.Leaf, "M0 84 C14 50 40 46 62 50 C52 76 28 88 0 84 Z")
        .Piece(Tone.Leaf, "M0 84 C-14 50 -40 46 -62 50 C-52 76 -28 88 0 84 Z")
        .Disc(Tone.Main, 0, -67, 29, 31)
        .Disc(Tone.Main, 44, -36, 31, 29)
        .Disc(Tone.Main, 28, 14, 29, 30)
        .Disc(Tone.Main, -28, 14, 29, 30)
        .Disc(Tone.Main, -44, -36, 31, 29)
        .Disc(Tone.Spot, 0, -24, 25, 25)
        .Done();

    public static Sketch Mountain() => new Sketch()
        .Piece(Tone.Shade, "M-6 84 L48 -44 L100 84 Z")
        .Piece(Tone.Main, "M-100 84 L-24 -90 L54 84 Z")
        .Piece(Tone.Spot, "M-48 -36 L-24 -90 L0 -36 L-10 -48 L-22 -30 L-34 -48 Z")
        .Piece(Tone.Spot, "M33 -8 L48 -44 L63 -8 L54 -18 L47 -4 L40 -18 Z")
        .Done();

    public static Sketch Mushroom() => new Sketch()
        .Piece(Tone.Cream, "M-30 0 C-24 44 -36 76 -42 94 L42 94 C36 76 24 44 30 0 Z")
        .Piece(Tone.Main, "M-98 10 C-100 -56 -54 -92 0 -92 C54 -92 100 -56 98 10 C60 28 -60 28 -98 10 Z")
        .Disc(Tone.Spot, -48, -24, 19, 17)
        .Disc(Tone.Spot, 8, -54, 21, 17)
        .Disc(Tone.Spot, 54, -16, 17, 15)
        .Disc(Tone.Spot, 2, -2, 15, 11)
        .Done();
}
