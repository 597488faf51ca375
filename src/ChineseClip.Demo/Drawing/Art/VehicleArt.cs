namespace ChineseClip.Demo.Drawing.Art;

/// <summary>Things that carry people (the plane is among the things of the sky).</summary>
internal static class VehicleArt
{
    public static Sketch Car() => new Sketch()
        .Piece(
            Tone.Main,
            "M-98 42 L-98 12 C-98 -4 -90 -8 -78 -10 L-62 -14 L-38 -54 C-34 -60 -28 -62 -20 -62 L22 -62 C32 -62 38 -58 44 -50 L68 -12 L84 -8 C94 -4 98 4 98 14 L98 42 Z")
        .Piece(Tone.Glass, "M-46 -14 L-26 -48 L-6 -48 L-6 -14 Z")
        .Piece(Tone.Glass, "M8 -14 L8 -48 L24 -48 L46 -14 Z")
        .Detail(Tone.Shade, "M-96 22 L96 22 L96 40 L-96 40 Z")
        .Disc(Tone.Ink, -52, 44, 27, 27)
        .Disc(Tone.Ink, 52, 44, 27, 27)
        .Dot(Tone.Metal, -52, 44, 13, 13)
        .Dot(Tone.Metal, 52, 44, 13, 13)
        .Dot(Tone.Flame, -88, 8, 7, 9)
        .Done();

    public static Sketch Boat() => new Sketch()
        .Line(Tone.Wood, 9, "M-4 -92 L-4 40", isOutlined: true)
        .Piece(Tone.Main, "M6 -90 C44 -50 70 -10 80 26 L6 26 Z")
        .Piece(Tone.Tint, "M-14 -66 C-36 -34 -58 -4 -74 26 L-14 26 Z")
        .Piece(Tone.Main, "M-98 38 L98 38 C92 74 72 92 54 92 L-58 92 C-76 88 -92 68 -98 38 Z")
        .Detail(Tone.Spot, "M-90 52 L90 52 L86 64 L-84 64 Z")
        .Done();
}
