using System.Text.Json;
using ChineseClip.Model.Images;

namespace ChineseClip.Model;

/// <summary>Order of the values that a picture becomes.</summary>
public enum ChannelOrder
{
    /// <summary>[3, height, width], what the models take.</summary>
    First,

    /// <summary>[height, width, 3].</summary>
    Last,
}

/// <summary>A height and a width in pixels.</summary>
public readonly record struct ImageSize(int Height, int Width);

/// <summary>Every option of HF's ChineseCLIPImageProcessor, with its defaults.</summary>
/// <remarks>Source: HF transformers 4.34, models/chinese_clip/image_processing_chinese_clip.py.</remarks>
public sealed record ImageProcessorOptions
{
    public static ImageProcessorOptions Default { get; } = new();

    public bool DoResize { get; init; } = true;

    /// <summary>The size to resize to, whatever the picture's proportions; null: by <see cref="ShortestEdge"/>.</summary>
    public ImageSize? Size { get; init; }

    /// <summary>Pixels of the shorter side when <see cref="Size"/> is null; the longer one keeps the proportions.</summary>
    public int ShortestEdge { get; init; } = 224;

    public ResampleFilter Resample { get; init; } = ResampleFilter.Bicubic;

    public bool DoCenterCrop { get; init; } = true;

    public ImageSize CropSize { get; init; } = new(224, 224);

    public bool DoRescale { get; init; } = true;

    public double RescaleFactor { get; init; } = 1 / 255.0;

    public bool DoNormalize { get; init; } = true;

    /// <summary>Red, green, blue, after rescaling.</summary>
    public IReadOnlyList<double> ImageMean { get; init; } = [0.48145466, 0.4578275, 0.40821073];

    /// <summary>Red, green, blue, after rescaling; none may be 0.</summary>
    public IReadOnlyList<double> ImageStd { get; init; } = [0.26862954, 0.26130258, 0.27577711];

    /// <summary>Kept for the file's sake: an <see cref="RgbImage"/> is RGB already.</summary>
    public bool DoConvertRgb { get; init; } = true;

    public ChannelOrder ChannelOrder { get; init; } = ChannelOrder.First;

    /// <summary>Reads a preprocessor_config.json; what it does not say keeps the reference's default.</summary>
    /// <exception cref="JsonException">The document is wrong; the message names the field, the value and the bound.</exception>
    public static ImageProcessorOptions FromJson(string json)
    {
        using var document = JsonDocument.Parse(json);
        return ImageProcessorJson.Read(document.RootElement);
    }

    /// <summary>Checks every value against its bound.</summary>
    /// <exception cref="ArgumentException">The message names the option, the value and the bound.</exception>
    public void Validate()
    {
        Check(!DoResize || Size is not { } size || (InRange(size.Height) && InRange(size.Width)), nameof(Size), Size, "sides must be 1..16384");
        Check(!DoResize || Size is not null || InRange(ShortestEdge), nameof(ShortestEdge), ShortestEdge, "must be 1..16384");
        Check(!DoCenterCrop || (InRange(CropSize.Height) && InRange(CropSize.Width)), nameof(CropSize), CropSize, "sides must be 1..16384");
        Check(Enum.IsDefined(Resample), nameof(Resample), (int)Resample, "must be 0..5");
        Check(double.IsFinite(RescaleFactor), nameof(RescaleFactor), RescaleFactor, "must be finite");
        Check(ImageMean is { Count: RgbImage.Channels } && ImageMean.All(double.IsFinite), nameof(ImageMean), Join(ImageMean), "must be 3 finite numbers");
        Check(
            ImageStd is { Count: RgbImage.Channels } && ImageStd.All(std => double.IsFinite(std) && (float)std != 0),
            nameof(ImageStd),
            Join(ImageStd),
            "must be 3 finite numbers other than 0");
    }

    private static bool InRange(int side) => side is >= 1 and <= 16384;

    private static string Join(IReadOnlyList<double>? values) => values is null ? "null" : $"[{string.Join(", ", values)}]";

    private static void Check(bool holds, string name, object? value, string bound)
    {
        if (!holds)
        {
            throw new ArgumentException($"{name} is {value}; {bound}.", name);
        }
    }
}
