using ChineseClip.Model.Images;

namespace ChineseClip.Model;

/// <summary>Resizes pictures to the very bytes of Pillow's Image.resize.</summary>
/// <remarks>
/// Two passes, horizontal then vertical, each rounded to 8 bits.  Threads: safe.  Cost: linear in the source.
/// Memory: one picture of the output's width and the source's height, and at most a few MB of weights.
/// Source: Pillow 9.4.0, src/libImaging/Resample.c (ImagingResample) and Geometry.c (ImagingScaleAffine, for nearest).
/// </remarks>
public static class PillowResampler
{
    // Weights of one block of outputs; more outputs go in further blocks, so that an absurd reduction costs no absurd memory.
    private const int MaxWeightsAtOnce = 1 << 19;

    public static RgbImage Resize(RgbImage source, int width, int height, ResampleFilter filter)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        return Resize(source, width, height, filter, new PixelWindow(0, 0, width, height), ResampleKernels.Best);
    }

    /// <summary>Computes only <paramref name="window"/> of the resized picture.</summary>
    internal static RgbImage Resize(
        RgbImage source, int width, int height, ResampleFilter filter, PixelWindow window, ResampleKernel kernel)
    {
        if (filter == ResampleFilter.Nearest && (source.Width != width || source.Height != height))
        {
            return PickNearest(source, width, height, window);
        }

        // Step 1: the source rows that the window needs, by a horizontal pass or a plain crop.
        var (firstRow, rowCount) = source.Height == height
            ? (window.Top, window.Height)
            : ResampleWeights.Reach(filter, source.Height, height, window.Top, window.Height);
        var narrowed = RgbImage.CreateUninitialized(window.Width, rowCount);
        if (source.Width == width)
        {
            for (var y = 0; y < rowCount; y++)
            {
                source.Row(firstRow + y)
                    .Slice(window.Left * RgbImage.Channels, window.Width * RgbImage.Channels).CopyTo(narrowed.Row(y));
            }
        }
        else
        {
            Narrow(source, width, filter, window, firstRow, narrowed, kernel);
        }

        // Step 2: the vertical pass.
        return source.Height == height ? narrowed : Shorten(narrowed, firstRow, source.Height, height, filter, window, kernel);
    }

    private static RgbImage Shorten(
        RgbImage narrowed, int firstRow, int sourceHeight, int height, ResampleFilter filter, PixelWindow window, ResampleKernel kernel)
    {
        var result = RgbImage.CreateUninitialized(window.Width, window.Height);
        var rowBytes = window.Width * RgbImage.Channels;
        var block = ResampleWeights.OutputsWithin(MaxWeightsAtOnce, filter, sourceHeight, height);
        for (var y = 0; y < window.Height; y += block)
        {
            var weights = ResampleWeights.Create(
                filter, sourceHeight, height, window.Top + y, Math.Min(block, window.Height - y));
            VerticalPass.Run(narrowed.Pixels, firstRow, result.Pixels.AsSpan(y * rowBytes), rowBytes, weights, kernel);
        }

        return result;
    }

    private static void Narrow(
        RgbImage source, int width, ResampleFilter filter, PixelWindow window, int firstRow, RgbImage narrowed, ResampleKernel kernel)
    {
        var sourceStride = source.Width * RgbImage.Channels;
        var rows = source.Pixels.AsSpan(firstRow * sourceStride);
        var block = ResampleWeights.OutputsWithin(MaxWeightsAtOnce, filter, source.Width, width);
        for (var x = 0; x < window.Width; x += block)
        {
            var weights = ResampleWeights.Create(
                filter, source.Width, width, window.Left + x, Math.Min(block, window.Width - x));
            HorizontalPass.Run(
                rows,
                sourceStride,
                narrowed.Pixels.AsSpan(x * RgbImage.Channels),
                window.Width * RgbImage.Channels,
                narrowed.Height,
                weights,
                kernel);
        }
    }

    private static RgbImage PickNearest(RgbImage source, int width, int height, PixelWindow window)
    {
        var columns = NearestSources(source.Width, width, window.Left, window.Width);
        var rows = NearestSources(source.Height, height, window.Top, window.Height);
        var result = RgbImage.CreateUninitialized(window.Width, window.Height);
        for (var y = 0; y < rows.Length; y++)
        {
            var from = source.Row(rows[y]);
            var to = result.Row(y);
            for (var x = 0; x < columns.Length; x++)
            {
                from.Slice(columns[x] * RgbImage.Channels, RgbImage.Channels).CopyTo(to[(x * RgbImage.Channels)..]);
            }
        }

        return result;
    }

    // The reference adds the step again and again; multiplying instead would round differently.
    private static int[] NearestSources(int inputSize, int outputSize, int first, int count)
    {
        var step = (double)inputSize / outputSize;
        var position = step * 0.5;
        for (var i = 0; i < first; i++)
        {
            position += step;
        }

        var sources = new int[count];
        for (var i = 0; i < count; i++)
        {
            sources[i] = Math.Min((int)position, inputSize - 1);
            position += step;
        }

        return sources;
    }
}
