namespace ChineseClip.Model.Images;

/// <summary>Pictures of four inks.</summary>
/// <remarks>Source: Pillow 9.4.0, JpegImagePlugin.py (all CMYK files are taken for inverted ones) and Convert.c, cmyk2rgb.</remarks>
internal static class InkPicture
{
    private const int Full = 255;

    /// <summary>Decodes a JPEG of four inks, or its RGB alone where its inks cannot be had.</summary>
    public static SourceImage Decode(ReadOnlySpan<byte> data, ImageHeader header, string inputName, ImageDecodeLimits limits)
    {
        var rgb = SkiaPicture.Decode(data, header, inputName, limits);
        if (JpegInks.Split(data) is not { } files)
        {
            return new SourceImage(rgb, SourceMode.Colour, second: null);
        }

        var inks = Array.ConvertAll(files, file => SkiaPicture.Decode(file, header, inputName, limits));
        var colours = RgbImage.CreateUninitialized(rgb.Width, rgb.Height);
        for (var i = 0; i < colours.Pixels.Length; i++)
        {
            colours.Pixels[i] = (byte)(Full - inks[i % RgbImage.Channels].Pixels[i]);
            inks[^1].Pixels[i] = (byte)(Full - inks[^1].Pixels[i]);
        }

        return new SourceImage(rgb, SourceMode.Inks, colours, inks[^1]);
    }

    public static RgbImage ToRgb(RgbImage colours, RgbImage black)
    {
        for (var i = 0; i < colours.Pixels.Length; i++)
        {
            var light = Full - black.Pixels[i];
            var product = (colours.Pixels[i] * light) + 128;
            colours.Pixels[i] = (byte)Math.Max(0, light - (((product >> 8) + product) >> 8));
        }

        return colours;
    }
}
