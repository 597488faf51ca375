using System.Runtime.InteropServices;
using SkiaSharp;

namespace ChineseClip.Model.Images;

/// <summary>Decodes with Skia's codecs, whose libjpeg-turbo, libpng and libwebp give Pillow's bytes.</summary>
internal static unsafe class SkiaPicture
{
    private const int RowsPerStrip = 32;
    private const int BytesPerPixel = 4;

    public static RgbImage Decode(ReadOnlySpan<byte> data, ImageHeader header, string inputName, ImageDecodeLimits limits, bool takeAlpha = false)
    {
        fixed (byte* start = data)
        {
            using var encoded = SKData.Create((nint)start, data.Length);
            using var codec = SKCodec.Create(new SKMemoryStream(encoded), out var opened);
            if (codec is null)
            {
                throw Failure(opened, header, data.Length, inputName);
            }

            var info = codec.Info;
            if (info.Width != header.Width || info.Height != header.Height)
            {
                throw new ImageInputException(
                    ImageInputError.Corrupt,
                    inputName,
                    $"the {header.Format} header says {header.Width}x{header.Height}, its data {info.Width}x{info.Height}.");
            }

            // Unpremultiplied and without a colour space: the stored values, as Pillow takes them.
            var size = codec.GetScaledDimensions(1f / Reduction(header, limits.ScaledDecodingFor));
            var target = new SKImageInfo(
                size.Width,
                size.Height,
                SKColorType.Rgba8888,
                info.AlphaType == SKAlphaType.Opaque ? SKAlphaType.Opaque : SKAlphaType.Unpremul);
            var image = RgbImage.CreateUninitialized(size.Width, size.Height);
            var result = codec.StartScanlineDecode(target) == SKCodecResult.Success
                && codec.ScanlineOrder == SKCodecScanlineOrder.TopDown
                ? DecodeStrips(codec, target, image, takeAlpha)
                : DecodeWhole(codec, target, image, takeAlpha);
            if (result != SKCodecResult.Success)
            {
                throw Failure(result, header, data.Length, inputName);
            }

            return limits.ApplyExifOrientation ? Orientation.Apply(image, codec.EncodedOrigin) : image;
        }
    }

    /// <summary>How a JPEG's EXIF data says that it is to be turned.</summary>
    public static SKEncodedOrigin ReadOrigin(ReadOnlySpan<byte> data)
    {
        fixed (byte* start = data)
        {
            using var encoded = SKData.Create((nint)start, data.Length);
            using var codec = SKCodec.Create(new SKMemoryStream(encoded));
            return codec?.EncodedOrigin ?? SKEncodedOrigin.Default;
        }
    }

    /// <summary>As Pillow's draft mode chooses: the largest power of two up to 8 that leaves both sides of a JPEG long enough; else 1.</summary>
    public static int Reduction(ImageHeader header, ImageSize? wanted)
    {
        if (header.Format != "JPEG" || wanted is not { } size)
        {
            return 1;
        }

        return Math.Min(header.Width / size.Width, header.Height / size.Height) switch
        {
            >= 8 => 8,
            >= 4 => 4,
            >= 2 => 2,
            _ => 1,
        };
    }

    // A strip stays in the cache between the decoder and the packing, and a large picture needs no second full buffer.
    private static SKCodecResult DecodeStrips(SKCodec codec, SKImageInfo target, RgbImage image, bool takeAlpha)
    {
        var rows = Math.Min(RowsPerStrip, image.Height);
        var strip = (byte*)NativeMemory.Alloc((nuint)rows * (nuint)target.RowBytes);
        try
        {
            for (var y = 0; y < image.Height; y += rows)
            {
                var wanted = Math.Min(rows, image.Height - y);
                if (codec.GetScanlines((nint)strip, wanted, target.RowBytes) != wanted)
                {
                    return SKCodecResult.IncompleteInput;
                }

                Pack(strip, image, (y, wanted), takeAlpha);
            }

            return SKCodecResult.Success;
        }
        finally
        {
            NativeMemory.Free(strip);
        }
    }

    private static SKCodecResult DecodeWhole(SKCodec codec, SKImageInfo target, RgbImage image, bool takeAlpha)
    {
        var pixels = (byte*)NativeMemory.Alloc((nuint)target.BytesSize64);
        try
        {
            var result = codec.GetPixels(target, (nint)pixels);
            if (result == SKCodecResult.Success)
            {
                Pack(pixels, image, (0, image.Height), takeAlpha);
            }

            return result;
        }
        finally
        {
            NativeMemory.Free(pixels);
        }
    }

    private static void Pack(byte* rgba, RgbImage image, (int First, int Count) rows, bool takeAlpha)
    {
        var count = rows.Count * image.Width;
        var four = new ReadOnlySpan<byte>(rgba, checked(count * BytesPerPixel));
        var three = image.Pixels.AsSpan(rows.First * image.Width * RgbImage.Channels, count * RgbImage.Channels);
        if (!takeAlpha)
        {
            PixelPacking.DropFourth(four, three);
            return;
        }

        for (var i = 0; i < count; i++)
        {
            three.Slice(i * RgbImage.Channels, RgbImage.Channels).Fill(four[(i * BytesPerPixel) + 3]);
        }
    }

    private static ImageInputException Failure(SKCodecResult result, ImageHeader header, int length, string inputName) => result switch
    {
        SKCodecResult.IncompleteInput => new ImageInputException(
            ImageInputError.Truncated,
            inputName,
            $"the {header.Format} data of a {header.Width}x{header.Height} picture ends early, after {length} bytes."),
        _ => new ImageInputException(
            ImageInputError.Corrupt,
            inputName,
            $"the {header.Format} data of a {header.Width}x{header.Height} picture is damaged ({result}, {length} bytes)."),
    };
}
