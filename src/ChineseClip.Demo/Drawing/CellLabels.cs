using ChineseClip.Demo.Facts;
using SkiaSharp;

namespace ChineseClip.Demo.Drawing;

/// <summary>Which thing covers each cell of a 4 × 4 grid: what the vision tower's patches are taught while it warms up.</summary>
public static class CellLabels
{
    public const int CellsPerSide = 4;
    private const int SamplesPerSide = 6;
    private const double MinCover = 0.3;
    private const int MaskSide = 48;
    private const float MaskReach = 1.15f;
    private static readonly bool[][] Masks = [.. Enum.GetValues<ThingKind>().Select(Mask)];

    /// <summary>The group that covers most of each cell, row-major; -1 where less than 30 % of it is covered.</summary>
    public static int[] Of(PictureFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        var places = Layout.Place(facts);
        var labels = new int[CellsPerSide * CellsPerSide];
        Span<int> cover = stackalloc int[2];
        for (var cell = 0; cell < labels.Length; cell++)
        {
            cover.Clear();
            for (var sample = 0; sample < SamplesPerSide * SamplesPerSide; sample++)
            {
                var x = Coordinate(cell % CellsPerSide, sample % SamplesPerSide);
                var y = Coordinate(cell / CellsPerSide, sample / SamplesPerSide);
                foreach (var place in places)
                {
                    if (Covers(facts.Groups[place.Group].Kind, place, x, y))
                    {
                        cover[place.Group]++;
                        break;
                    }
                }
            }

            var most = cover[1] > cover[0] ? 1 : 0;
            labels[cell] = cover[most] >= MinCover * SamplesPerSide * SamplesPerSide ? most : -1;
        }

        return labels;
    }

    private static float Coordinate(int cell, int sample) =>
        (cell + ((sample + 0.5f) / SamplesPerSide)) * Illustrator.SidePixels / CellsPerSide;

    private static bool Covers(ThingKind kind, Placement place, float x, float y)
    {
        var (sin, cos) = MathF.SinCos(-place.Degrees * MathF.PI / 180);
        var dx = (x - place.X) / place.HalfWidth;
        var dy = (y - place.Y) / place.HalfWidth;
        var column = ToMask(((dx * cos) - (dy * sin)) * (place.IsMirrored ? -1 : 1));
        var row = ToMask((dx * sin) + (dy * cos));
        return (uint)column < MaskSide && (uint)row < MaskSide && Masks[(int)kind][(row * MaskSide) + column];
    }

    private static int ToMask(float unit) => (int)MathF.Floor((unit + MaskReach) * MaskSide / (2 * MaskReach));

    private static bool[] Mask(ThingKind kind)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(MaskSide, MaskSide, SKColorType.Rgba8888, SKAlphaType.Premul));
        using var canvas = new SKCanvas(bitmap);
        using var paint = new SKPaint { Color = SKColors.White };
        canvas.Clear(SKColors.Transparent);
        canvas.Translate(MaskSide / 2f, MaskSide / 2f);
        canvas.Scale(MaskSide / (2 * MaskReach * 100));
        canvas.DrawPath(Sketches.Of(kind).Silhouette, paint);
        return [.. bitmap.Pixels.Select(pixel => pixel.Alpha > 127)];
    }
}
