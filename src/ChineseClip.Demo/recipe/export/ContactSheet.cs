using System.Text;
using ChineseClip.Demo.Drawing;
using ChineseClip.Demo.Facts;
using ChineseClip.Demo.Wording;
using SkiaSharp;

namespace ChineseClip.Demo.Export;

/// <summary>Pictures side by side for a person to look at: random ones, every kind in every colour, and what the model sees of them.</summary>
internal static class ContactSheet
{
    private const int Columns = 12;
    private const int CellPixels = 128;

    public static void Write(ExportOptions options)
    {
        var source = new PictureFactsSource(options.Seed, options.Split, options.Curriculum);
        PictureFacts[] pictures = [.. Enumerable.Range(options.From, options.Count).Select(i => source[i])];
        var stem = Path.Combine(Path.GetDirectoryName(options.Sheet)!, Path.GetFileNameWithoutExtension(options.Sheet)!);
        Write(stem + ".png", pictures, null);
        Write($"{stem}-{options.Size}.png", pictures, options.Size);
        PictureFacts[] catalogue =
        [
            .. from kind in Enum.GetValues<ThingKind>()
               from color in Enum.GetValues<ThingColor>()
               let index = ((int)kind * Columns) + (int)color
               let setting = (Setting)((index + (index / Columns)) % 6)
               select new PictureFacts(options.Seed, index, setting, [new(kind, color, 1, ThingSize.Large)], null),
        ];
        Write(stem + "-kinds.png", catalogue, null);
        File.WriteAllText(stem + ".html", Html(pictures, Path.GetFileName(options.Sheet)!));
    }

    private static void Write(string path, PictureFacts[] pictures, int? size)
    {
        var rows = (pictures.Length + Columns - 1) / Columns;
        using var surface = SKSurface.Create(new SKImageInfo(Columns * CellPixels, rows * CellPixels));
        using var illustrator = new Illustrator();
        var smooth = new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear);
        for (var i = 0; i < pictures.Length; i++)
        {
            using var picture = size is { } side ? Reduced(illustrator, pictures[i], side) : SKImage.FromEncodedData(illustrator.DrawFile(pictures[i]));
            var cell = SKRect.Create(i % Columns * CellPixels, i / Columns * CellPixels, CellPixels, CellPixels);
            surface.Canvas.DrawImage(picture, cell, size is null ? smooth : new SKSamplingOptions(SKFilterMode.Nearest));
        }

        using var image = surface.Snapshot();
        using var data = image.Encode(SKEncodedImageFormat.Png, 100);
        File.WriteAllBytes(path, data.ToArray());
    }

    private static SKImage Reduced(Illustrator illustrator, PictureFacts facts, int side)
    {
        var rgb = ModelView.Of(illustrator, facts, side).Pixels;
        using var bitmap = new SKBitmap(new SKImageInfo(side, side, SKColorType.Rgba8888, SKAlphaType.Opaque));
        bitmap.Pixels = [.. rgb.Chunk(3).Select(p => new SKColor(p[0], p[1], p[2]))];
        return SKImage.FromBitmap(bitmap);
    }

    private static string Html(PictureFacts[] pictures, string sheet)
    {
        var html = new StringBuilder("<!doctype html><meta charset=utf-8><title>Contact sheet</title>");
        html.Append("<img src='").Append(sheet).Append("'><ol start=0>");
        foreach (var facts in pictures)
        {
            html.Append("<li>").AppendJoin(" · ", Enumerable.Range(0, 3).Select(i => Captions.Long(facts, i).Text));
            html.Append("<br>").AppendJoin(" · ", Enumerable.Range(0, 4).Select(i => Captions.Short(facts, i).Text));
            foreach (var field in Enum.GetValues<FactField>())
            {
                html.Append("<br>✗ ").Append(field).Append(": ").AppendJoin(" · ", Captions.Negatives(facts, field).Select(c => c.Text));
            }

            html.Append('\n');
        }

        return html.Append("</ol>").ToString();
    }
}
