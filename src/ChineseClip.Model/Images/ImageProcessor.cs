using ChineseClip.Model.Images;

namespace ChineseClip.Model;

/// <summary>Turns pictures into the models' pixel values, bit for bit as HF's ChineseCLIPImageProcessor.</summary>
/// <remarks>Threads: safe.</remarks>
public sealed class ImageProcessor
{
    private const int ByteValues = 256;

    // A side ratio of 1 to a million must not ask for a gigabyte.
    private const long MaxResizedPixels = ImageDecodeLimits.LargestMaxPixels / 4;

    private readonly float[] _values;

    public ImageProcessor(ImageProcessorOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        Options = options;
        _values = ComputeValues(options);
        (OutputHeight, OutputWidth) = options switch
        {
            { DoResize: true, Size: { } size, DoCenterCrop: true } => OutputOf(new CropPlan(size.Width, size.Height, options.CropSize)),
            { DoResize: true, Size: { } size } => size,
            { DoCenterCrop: true } => options.CropSize,
            _ => default,
        };
    }

    public ImageProcessorOptions Options { get; }

    /// <summary>Width of every result, or 0 where it depends on the picture.</summary>
    public int OutputWidth { get; }

    /// <summary>Height of every result, or 0 where it depends on the picture.</summary>
    public int OutputHeight { get; }

    /// <summary>What <see cref="ImageDecodeLimits.ScaledDecodingFor"/> may be for these options; null where nothing is resized.</summary>
    public ImageSize? ScaledDecodingSize => Options.DoResize ? Options.Size ?? new ImageSize(Options.ShortestEdge, Options.ShortestEdge) : null;

    /// <summary>Resizes and crops, as the options say; the bytes that <see cref="Normalize(RgbImage, Span{float})"/> takes.</summary>
    public RgbImage Resize(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        var (width, height) = ResizedSize(image);

        // Only what the crop keeps is computed: each pixel of a resized picture is independent of the others.
        return Crop(image, window =>
            PillowResampler.Resize(image, width, height, Options.Resample, window, ResampleKernels.Best));
    }

    /// <summary>Resizes a picture as its file holds it, as cn_clip does, and converts it to RGB afterwards; crops as the options say.</summary>
    public RgbImage Resize(SourceImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        var (width, height) = ResizedSize(image.Rgb);
        return Crop(image.Rgb, window => SourceResize.Resize(image, width, height, Options.Resample, window));
    }

    /// <summary>The float32 value of every byte: rescaled, then normalized per channel.</summary>
    /// <param name="resized">What <see cref="Resize(RgbImage)"/> gave.</param>
    /// <param name="values">Exactly 3 × width × height, in the order that the options say.</param>
    public void Normalize(RgbImage resized, Span<float> values)
    {
        ArgumentNullException.ThrowIfNull(resized);
        Normalize(resized.Pixels, values);
    }

    /// <inheritdoc cref="Normalize(RgbImage, Span{float})"/>
    /// <param name="rgb">Bytes of RGB pixels, row by row.</param>
    /// <param name="values">As many floats as there are bytes, in the order that the options say.</param>
    public void Normalize(ReadOnlySpan<byte> rgb, Span<float> values)
    {
        if (values.Length != rgb.Length || rgb.Length % RgbImage.Channels != 0)
        {
            throw new ArgumentException($"{values.Length} values for {rgb.Length} bytes; both must be the same multiple of 3.", nameof(values));
        }

        var red = _values.AsSpan(0, ByteValues);
        var green = _values.AsSpan(ByteValues, ByteValues);
        var blue = _values.AsSpan(2 * ByteValues, ByteValues);
        if (Options.ChannelOrder == ChannelOrder.Last)
        {
            for (var i = 0; i + 2 < rgb.Length; i += 3)
            {
                values[i] = red[rgb[i]];
                values[i + 1] = green[rgb[i + 1]];
                values[i + 2] = blue[rgb[i + 2]];
            }

            return;
        }

        var plane = rgb.Length / RgbImage.Channels;
        var redPlane = values[..plane];
        var greenPlane = values.Slice(plane, plane);
        var bluePlane = values.Slice(2 * plane, plane);
        for (var i = 0; i < plane; i++)
        {
            redPlane[i] = red[rgb[i * 3]];
            greenPlane[i] = green[rgb[(i * 3) + 1]];
            bluePlane[i] = blue[rgb[(i * 3) + 2]];
        }
    }

    /// <summary>Both steps: resized, cropped, rescaled, normalized.</summary>
    public float[] Process(RgbImage image)
    {
        var resized = Resize(image);
        var values = new float[resized.Pixels.Length];
        Normalize(resized, values);
        return values;
    }

    // The reference rescales in double precision, rounds to single, and subtracts and divides in single.
    private static float[] ComputeValues(ImageProcessorOptions options)
    {
        var values = new float[RgbImage.Channels * ByteValues];
        for (var i = 0; i < values.Length; i++)
        {
            var value = options.DoRescale ? (float)(i % ByteValues * options.RescaleFactor) : i % ByteValues;
            values[i] = options.DoNormalize
                ? (value - (float)options.ImageMean[i / ByteValues]) / (float)options.ImageStd[i / ByteValues]
                : value;
        }

        return values;
    }

    private static ImageSize OutputOf(CropPlan crop) => new(crop.Height, crop.Width);

    private RgbImage Crop(RgbImage image, Func<PixelWindow, RgbImage> resize)
    {
        var (width, height) = ResizedSize(image);
        var crop = Options.DoCenterCrop ? new CropPlan(width, height, Options.CropSize) : CropPlan.None(width, height);
        if ((long)crop.Kept.Width * crop.Kept.Height > MaxResizedPixels)
        {
            throw new ArgumentException(
                $"A {image.Width}x{image.Height} picture would be resized to {width}x{height}; at most {MaxResizedPixels} pixels are allowed.",
                nameof(image));
        }

        return crop.Pad(resize(crop.Kept));
    }

    private (int Width, int Height) ResizedSize(RgbImage image)
    {
        if (!Options.DoResize)
        {
            return (image.Width, image.Height);
        }

        if (Options.Size is { } size)
        {
            return (size.Width, size.Height);
        }

        var shorter = Math.Min(image.Width, image.Height);
        var longer = (int)Math.Min(int.MaxValue, (long)Options.ShortestEdge * Math.Max(image.Width, image.Height) / shorter);
        return image.Width <= image.Height ? (Options.ShortestEdge, longer) : (longer, Options.ShortestEdge);
    }
}
