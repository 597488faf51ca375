using SkiaSharp;

namespace ChineseClip.Model.Images;

/// <summary>Turns a picture as its EXIF orientation says, as Pillow's ImageOps.exif_transpose.</summary>
internal static class Orientation
{
    public static RgbImage Apply(RgbImage image, SKEncodedOrigin origin)
    {
        if (origin is SKEncodedOrigin.TopLeft or SKEncodedOrigin.Default)
        {
            return image;
        }

        var swaps = origin is SKEncodedOrigin.LeftTop or SKEncodedOrigin.RightTop or SKEncodedOrigin.RightBottom or SKEncodedOrigin.LeftBottom;
        var turned = RgbImage.CreateUninitialized(swaps ? image.Height : image.Width, swaps ? image.Width : image.Height);
        int right = image.Width - 1, bottom = image.Height - 1;
        for (var y = 0; y < turned.Height; y++)
        {
            var row = turned.Row(y);
            for (var x = 0; x < turned.Width; x++)
            {
                // The stored pixel that is seen at (x, y).
                var (sourceX, sourceY) = origin switch
                {
                    SKEncodedOrigin.TopRight => (right - x, y),
                    SKEncodedOrigin.BottomRight => (right - x, bottom - y),
                    SKEncodedOrigin.BottomLeft => (x, bottom - y),
                    SKEncodedOrigin.LeftTop => (y, x),
                    SKEncodedOrigin.RightTop => (y, bottom - x),
                    SKEncodedOrigin.RightBottom => (right - y, bottom - x),
                    _ => (right - y, x),
                };
                image.Row(sourceY).Slice(sourceX * RgbImage.Channels, RgbImage.Channels).CopyTo(row[(x * RgbImage.Channels)..]);
            }
        }

        return turned;
    }
}
