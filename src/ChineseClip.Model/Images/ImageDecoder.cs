using System.Buffers.Binary;
using ChineseClip.Model.Images;
using ChineseClip.Model.Images.Jpeg;

namespace ChineseClip.Model;

/// <summary>Decodes JPEG, PNG, WebP, GIF (first frame) and BMP to the bytes of Pillow's convert("RGB").</summary>
/// <remarks>
/// Alpha is dropped, not blended, and colour profiles are ignored, as the reference does.
/// Threads: safe.  Cost: size and pixel count are checked from the header before any pixel memory is taken.
/// Source: Pillow 9.4.0, Image.convert.
/// </remarks>
public static class ImageDecoder
{
    /// <summary>Reads width, height and format from the header alone; false where there is no sound one.</summary>
    public static bool TryReadSize(ReadOnlySpan<byte> data, out int width, out int height, out string format)
    {
        var isSound = ImageHeader.TryRead(data, out var header) is null;
        (format, width, height) = isSound ? header : new ImageHeader("", 0, 0);
        return isSound;
    }

    /// <summary>Decodes a picture.</summary>
    /// <exception cref="ImageInputException">The data is no such picture, is damaged, or exceeds a limit.</exception>
    public static RgbImage Decode(ReadOnlySpan<byte> data, string inputName, ImageDecodeLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(inputName);
        limits ??= ImageDecodeLimits.Default;
        var header = CheckHeader(data, inputName, limits);
        var image = header.Format switch
        {
            "GIF" => GifFirstFrame.Decode(data, header, inputName, Math.Min(limits.MaxPixels, ImageDecodeLimits.LargestMaxPixels)),
            "PNG" when SixteenBitPng.Is(data) => SixteenBitPng.Decode(data, header, inputName),
            "PNG" => SkiaPicture.Decode(PngPalette.Complete(data), header, inputName, limits),
            "JPEG" when DecodePlainJpeg(data, header, limits) is { } plain => plain,
            "BMP" when SixteenBitBmp.GreenLevels(data) is { } levels => SixteenBitBmp.Cut(SkiaPicture.Decode(data, header, inputName, limits), levels),
            _ => SkiaPicture.Decode(data, header, inputName, limits),
        };
        return TurnPng(image, data, header, limits);
    }

    /// <summary>Decodes a picture file.</summary>
    /// <exception cref="ImageInputException">The file is no such picture, is damaged, or exceeds a limit.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static RgbImage DecodeFile(string path, ImageDecodeLimits? limits = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var length = new FileInfo(path).Length;
        var maxBytes = (limits ?? ImageDecodeLimits.Default).MaxBytes;
        return length <= maxBytes
            ? Decode(File.ReadAllBytes(path), path, limits)
            : throw new ImageInputException(ImageInputError.TooManyBytes, path, $"{length} bytes; at most {maxBytes} are allowed.");
    }

    /// <summary>Decodes a picture with what its file holds besides RGB, for <see cref="ImageProcessor.Resize(SourceImage)"/>.</summary>
    /// <remarks>Cost: a picture with alpha, or with 16 bits of gray, is decoded twice, one of four inks five times.</remarks>
    /// <exception cref="ImageInputException">The data is no such picture, is damaged, or exceeds a limit.</exception>
    public static SourceImage DecodeSource(ReadOnlySpan<byte> data, string inputName, ImageDecodeLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(inputName);
        limits ??= ImageDecodeLimits.Default;
        var header = CheckHeader(data, inputName, limits);
        if (header.Format == "GIF")
        {
            var maxPixels = Math.Min(limits.MaxPixels, ImageDecodeLimits.LargestMaxPixels);
            var frame = GifFirstFrame.Decode(data, header, inputName, maxPixels, out var hasPalette);
            return new SourceImage(frame, hasPalette ? SourceMode.Indexed : SourceMode.Colour, second: null);
        }

        if (header.Format == "JPEG" && JpegInks.Has(data))
        {
            return InkPicture.Decode(data, header, inputName, limits);
        }

        var mode = SourceModes.Of(data, header);
        var second = mode is not (SourceMode.Transparent or SourceMode.Integers) ? null
            : header.Format == "PNG" && SixteenBitPng.Is(data) ? SixteenBitPng.Decode(data, header, inputName, second: true)
            : SkiaPicture.Decode(data, header, inputName, limits, takeAlpha: true);
        return new SourceImage(Decode(data, inputName, limits), mode, second is null ? null : TurnPng(second, data, header, limits));
    }

    /// <summary>Skia turns what it turns while decoding.</summary>
    private static RgbImage TurnPng(RgbImage image, ReadOnlySpan<byte> data, ImageHeader header, ImageDecodeLimits limits) =>
        limits.ApplyExifOrientation && header.Format == "PNG" ? Orientation.Apply(image, PngOrientation.Read(data)) : image;

    /// <summary>Null for what is left to Skia.</summary>
    private static RgbImage? DecodePlainJpeg(ReadOnlySpan<byte> data, ImageHeader header, ImageDecodeLimits limits)
    {
        if (SkiaPicture.Reduction(header, limits.ScaledDecodingFor) > 1 || JpegPicture.TryDecode(data, header) is not { } image)
        {
            return null;
        }

        return limits.ApplyExifOrientation ? Orientation.Apply(image, SkiaPicture.ReadOrigin(data)) : image;
    }

    internal static ImageHeader CheckHeader(ReadOnlySpan<byte> data, string inputName, ImageDecodeLimits limits)
    {
        if (data.Length > limits.MaxBytes)
        {
            throw new ImageInputException(
                ImageInputError.TooManyBytes, inputName, $"{data.Length} bytes; at most {limits.MaxBytes} are allowed.");
        }

        if (ImageHeader.TryRead(data, out var header) is { } error)
        {
            throw new ImageInputException(error, inputName, error switch
            {
                ImageInputError.Empty => "the data is empty (0 bytes).",
                ImageInputError.Truncated => $"the data ends after {data.Length} bytes, within the header.",
                ImageInputError.Corrupt => $"the header is damaged or gives no size ({data.Length} bytes).",
                _ => $"the {data.Length} bytes are not a {ImageHeader.Formats} file.",
            });
        }

        // Skia shows the first frame of a WebP that was cut behind it, or what it can of the last.
        if (header.Format == "WebP" && BinaryPrimitives.ReadUInt32LittleEndian(data[4..]) + 8L is var whole && whole > data.Length)
        {
            throw new ImageInputException(
                ImageInputError.Truncated, inputName, $"the WebP data ends early, after {data.Length} bytes; its header says {whole}.");
        }

        var maxPixels = Math.Min(limits.MaxPixels, ImageDecodeLimits.LargestMaxPixels);
        var pixels = (long)header.Width * header.Height;
        return pixels <= maxPixels
            ? header
            : throw new ImageInputException(
                ImageInputError.TooManyPixels,
                inputName,
                $"{header.Width}x{header.Height} is {pixels} pixels; at most {maxPixels} are allowed.");
    }
}
