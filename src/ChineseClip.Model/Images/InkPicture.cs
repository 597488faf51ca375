namespace ChineseClip.Model.Images;

/// <summary>Pictures of four inks.</summary>
/// <remarks>
/// Source: Pillow 9.4.0, JpegImagePlugin.py (all CMYK files are taken for inverted ones) and Convert.c, cmyk2rgb; libjpeg-turbo 2.1,
/// jdcolor.c, ycck_cmyk_convert.
/// </remarks>
internal static class InkPicture
{
    private const int Full = 255;

    /// <summary>Decodes a JPEG of four inks, or its RGB alone where its inks cannot be had.</summary>
    public static SourceImage Decode(ReadOnlySpan<byte> data, ImageHeader header, string inputName, ImageDecodeLimits limits)
    {
        var rgb = SkiaPicture.Decode(data, header, inputName, limits);
        if (JpegInks.Split(data, out bool isYcck) is not { } files)
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

        if (isYcck)
        {
            FillFromYcc(colours, inks);
        }

        return new SourceImage(rgb, SourceMode.Inks, colours, inks[^1]);
    }

    /// <summary>Luma and chroma give red, green and blue, which are the inks of an inverted file.</summary>
    private static void FillFromYcc(RgbImage colours, RgbImage[] planes)
    {
        const int Half = 1 << 15;
        for (var i = 0; i < colours.Pixels.Length; i += RgbImage.Channels)
        {
            int y = planes[0].Pixels[i], cb = planes[1].Pixels[i] - 128, cr = planes[2].Pixels[i] - 128;
            colours.Pixels[i] = Clamp(y + (((91881 * cr) + Half) >> 16));
            colours.Pixels[i + 1] = Clamp(y + (((-22554 * cb) - (46802 * cr) + Half) >> 16));
            colours.Pixels[i + 2] = Clamp(y + (((116130 * cb) + Half) >> 16));
        }

        static byte Clamp(int value) => (byte)Math.Clamp(value, 0, Full);
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
