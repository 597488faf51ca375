using ChineseClip.Demo.Drawing;
using ChineseClip.Demo.Facts;
using ChineseClip.Model;
using SkiaSharp;

namespace ChineseClip.Demo.Tests.Drawing;

public sealed class IllustratorTests
{
    private static readonly PictureFacts[] Pictures = [.. new PictureFactsSource(31, PictureSplit.HeldOut).Take(300)];

    [Fact]
    public void DrawFile_TwiceAndAfterOthers_GivesTheSameBytes()
    {
        using var busy = new Illustrator();
        foreach (var facts in Pictures.Take(60))
        {
            using var fresh = new Illustrator();
            Assert.Equal(fresh.DrawFile(facts), busy.DrawFile(facts));
        }
    }

    [Fact]
    public void DrawFile_Picture_IsASmallJpegOfTheSide()
    {
        using var illustrator = new Illustrator();
        foreach (var facts in Pictures.Take(20))
        {
            var file = illustrator.DrawFile(facts);
            using var codec = SKCodec.Create(new MemoryStream(file));
            Assert.Equal(SKEncodedImageFormat.Jpeg, codec.EncodedFormat);
            Assert.Equal((256, 256), (codec.Info.Width, codec.Info.Height));
            Assert.InRange(file.Length, 2_000, 40_000);
        }
    }

    /// <summary>Training reduces the drawing itself, users' models the JPEG: what the model sees must be the same to the eye.</summary>
    [Fact]
    public void DrawFile_ReducedAsTheModelDoes_IsTheDrawingReduced()
    {
        using var illustrator = new Illustrator();
        var total = 0L;
        var count = 0L;
        foreach (var facts in Pictures.Take(40))
        {
            var file = ImageDecoder.Decode(illustrator.DrawFile(facts), "drawn.jpg");
            var drawn = illustrator.DrawPixels(facts).ToArray().Chunk(4).SelectMany(pixel => pixel.Take(3)).ToArray();
            var fromFile = PillowResampler.Resize(file, 64, 64, ResampleFilter.Bicubic).Pixels;
            var fromDrawing = PillowResampler.Resize(new RgbImage(256, 256, drawn), 64, 64, ResampleFilter.Bicubic).Pixels;
            total += fromFile.Zip(fromDrawing).Sum(pair => Math.Abs(pair.First - pair.Second));
            count += fromFile.Length;
        }

        Assert.InRange(total / (double)count, 0, 1.0);
    }

    [Fact]
    public void DrawPixels_AnyPicture_IsOpaque()
    {
        using var illustrator = new Illustrator();
        foreach (var facts in Pictures.Take(30))
        {
            var pixels = illustrator.DrawPixels(facts).ToArray();
            Assert.Equal(256 * 256 * 4, pixels.Length);
            Assert.DoesNotContain(Enumerable.Range(0, 256 * 256), i => pixels[(4 * i) + 3] != 255);
        }
    }

    [Fact]
    public void Things_ManyPictures_AreWhollyWithinTheFrame()
    {
        foreach (var facts in new PictureFactsSource(32, PictureSplit.HeldOut).Take(3_000))
        {
            foreach (var place in Layout.Place(facts))
            {
                var bounds = BoundsOf(facts, place);
                Assert.True(
                    bounds is { Left: >= 0, Top: >= 0, Right: <= 256, Bottom: <= 256 },
                    $"{facts.Groups[place.Group]} of picture {facts.Index} reaches {bounds}.");
            }
        }
    }

    [Fact]
    public void Things_OfTwoGroups_StandAsTheRelationSays()
    {
        foreach (var facts in new PictureFactsSource(33, PictureSplit.HeldOut).Take(3_000).Where(facts => facts.Groups.Count == 2))
        {
            var places = Layout.Place(facts);
            var first = places.Where(place => place.Group == 0).ToArray();
            var second = places.Where(place => place.Group == 1).ToArray();
            Assert.True(facts.Relation switch
            {
                Relation.Left => first.Max(place => place.X) + 60 < second.Min(place => place.X),
                Relation.Right => second.Max(place => place.X) + 60 < first.Min(place => place.X),
                Relation.Above => first.Max(place => place.Y) + 60 < second.Min(place => place.Y),
                _ => second.Max(place => place.Y) + 60 < first.Min(place => place.Y),
            });
        }
    }

    [Fact]
    public void Layout_AnyPicture_PlacesEveryThingOfEveryGroup() => Assert.All(Pictures, facts =>
    {
        var places = Layout.Place(facts);
        Assert.Equal(facts.Groups.Select(group => group.Count), facts.Groups.Select((_, i) => places.Count(place => place.Group == i)));
    });

    [Fact]
    public void CellLabels_LargeThing_CoverSomeCellsAndNotAll()
    {
        foreach (var facts in new PictureFactsSource(34, PictureSplit.Training, Curriculum.Single).Take(300))
        {
            var labels = CellLabels.Of(facts);
            Assert.InRange(labels.Count(label => label == 0), 1, 14);
            Assert.DoesNotContain(labels, label => label is not (0 or -1));
        }
    }

    [Fact]
    public void Colors_OfTheSameThing_AreAllFarApartInPixels()
    {
        using var illustrator = new Illustrator();
        var means = Enum.GetValues<ThingColor>().Select(color =>
        {
            var facts = new PictureFacts(1, 0, Setting.Indoor, [new(ThingKind.Apple, color, 1, ThingSize.Large)], null);
            var place = Layout.Place(facts)[0];
            var pixels = illustrator.DrawPixels(facts);
            var at = 4 * (((int)place.Y * 256) + (int)place.X);
            return (Red: (int)pixels[at], Green: (int)pixels[at + 1], Blue: (int)pixels[at + 2]);
        }).ToArray();
        for (var i = 0; i < means.Length; i++)
        {
            for (var j = 0; j < i; j++)
            {
                var distance = Math.Abs(means[i].Red - means[j].Red) + Math.Abs(means[i].Green - means[j].Green)
                    + Math.Abs(means[i].Blue - means[j].Blue);
                Assert.True(distance > 90, $"{(ThingColor)i} {means[i]} and {(ThingColor)j} {means[j]} are only {distance} apart.");
            }
        }
    }

    [Fact]
    public void Silhouettes_OfAllKinds_DifferByASeventh()
    {
        var masks = Enum.GetValues<ThingKind>().Select(MaskOf).ToArray();
        for (var i = 0; i < masks.Length; i++)
        {
            for (var j = 0; j < i; j++)
            {
                var both = masks[i].Zip(masks[j]).Count(pair => pair.First && pair.Second);
                var either = masks[i].Zip(masks[j]).Count(pair => pair.First || pair.Second);
                Assert.True(both < 6 / 7.0 * either, $"{(ThingKind)i} and {(ThingKind)j} share {both} of {either} pixels.");
            }
        }
    }

    private static SKRect BoundsOf(PictureFacts facts, Placement place)
    {
        using var path = new SKPath(Sketches.Of(facts.Groups[place.Group].Kind).Silhouette);
        var scale = place.HalfWidth / 100;
        path.Transform(SKMatrix.CreateScale(place.IsMirrored ? -scale : scale, scale)
            .PostConcat(SKMatrix.CreateRotationDegrees(place.Degrees))
            .PostConcat(SKMatrix.CreateTranslation(place.X, place.Y)));
        return path.TightBounds;
    }

    private static bool[] MaskOf(ThingKind kind)
    {
        using var bitmap = new SKBitmap(32, 32, SKColorType.Rgba8888, SKAlphaType.Premul);
        using var canvas = new SKCanvas(bitmap);
        using var paint = new SKPaint { Color = SKColors.White };
        canvas.Clear(SKColors.Transparent);
        canvas.Translate(16, 16);
        canvas.Scale(0.15f);
        canvas.DrawPath(Sketches.Of(kind).Silhouette, paint);
        return [.. bitmap.Pixels.Select(pixel => pixel.Alpha > 127)];
    }
}
