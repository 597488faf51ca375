namespace ChineseClip.Model.Images;

/// <summary>A centre crop: what is kept of a picture and how much black is put around it.</summary>
/// <remarks>
/// Where the picture is smaller than the crop by an odd number, the reference's result is one pixel smaller than asked for; so is this.
/// Source: HF transformers 4.34, image_transforms.py, center_crop.
/// </remarks>
internal readonly struct CropPlan
{
    private readonly int _padLeft;
    private readonly int _padTop;

    public CropPlan(int width, int height, ImageSize crop)
    {
        var (left, keptWidth, padLeft, outWidth) = PlanAxis(width, crop.Width);
        var (top, keptHeight, padTop, outHeight) = PlanAxis(height, crop.Height);

        // An axis that fits is not padded, and when both fit nothing is.
        Kept = new PixelWindow(left, top, keptWidth, keptHeight);
        (_padLeft, _padTop, Width, Height) = (padLeft, padTop, outWidth, outHeight);
    }

    private CropPlan(PixelWindow whole)
    {
        Kept = whole;
        (Width, Height) = (whole.Width, whole.Height);
    }

    public PixelWindow Kept { get; }

    public int Width { get; }

    public int Height { get; }

    public static CropPlan None(int width, int height) => new(new PixelWindow(0, 0, width, height));

    public RgbImage Pad(RgbImage kept)
    {
        if (kept.Width == Width && kept.Height == Height)
        {
            return kept;
        }

        var padded = new RgbImage(Width, Height, new byte[Width * Height * RgbImage.Channels]);
        for (var y = 0; y < kept.Height; y++)
        {
            kept.Row(y).CopyTo(padded.Row(_padTop + y)[(_padLeft * RgbImage.Channels)..]);
        }

        return padded;
    }

    private static (int First, int Kept, int Pad, int Output) PlanAxis(int size, int crop)
    {
        if (size >= crop)
        {
            return ((size - crop) / 2, crop, 0, crop);
        }

        // The reference floors the negative offset and adds the floored half of the padding.
        var missing = crop - size;
        var pad = missing / 2;
        var start = -((missing + 1) / 2) + pad;
        return (0, size, pad, crop + start);
    }
}
