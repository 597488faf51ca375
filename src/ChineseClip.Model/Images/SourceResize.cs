namespace ChineseClip.Model.Images;

/// <summary>Resizes a picture as its file holds it, then converts to RGB.</summary>
/// <remarks>Source: Pillow 9.4.0, Image.resize; src/libImaging/Resample.c (32 bits a sample) and Convert.c.</remarks>
internal static class SourceResize
{
    private const int Opaque = 255;

    /// <summary>Computes only <paramref name="window"/> of the resized picture.</summary>
    public static RgbImage Resize(SourceImage source, int width, int height, ResampleFilter filter, PixelWindow window)
    {
        var isSame = source.Rgb.Width == width && source.Rgb.Height == height;
        return source.Mode switch
        {
            SourceMode.Indexed => Plain(source.Rgb, ResampleFilter.Nearest),
            SourceMode.Transparent when !isSame && filter != ResampleFilter.Nearest => Transparent(),
            SourceMode.Integers when !isSame && filter != ResampleFilter.Nearest =>
                Integers(source.Second!, width, height, filter, window),
            SourceMode.Inks when !isSame => InkPicture.ToRgb(Plain(source.Second!, filter), Plain(source.Black!, filter)),
            _ => Plain(source.Rgb, filter),
        };

        RgbImage Plain(RgbImage image, ResampleFilter chosen) =>
            PillowResampler.Resize(image, width, height, chosen, window, ResampleKernels.Best);

        RgbImage Transparent()
        {
            var weighted = Plain(Weigh(source.Rgb, source.Second!), filter);
            return Unweigh(weighted, Plain(source.Second!, filter));
        }
    }

    private static RgbImage Weigh(RgbImage image, RgbImage alpha)
    {
        var weighted = RgbImage.CreateUninitialized(image.Width, image.Height);
        for (var i = 0; i < weighted.Pixels.Length; i++)
        {
            var product = (image.Pixels[i] * alpha.Pixels[i]) + 128;
            weighted.Pixels[i] = (byte)(((product >> 8) + product) >> 8);
        }

        return weighted;
    }

    private static RgbImage Unweigh(RgbImage weighted, RgbImage alpha)
    {
        for (var i = 0; i < weighted.Pixels.Length; i++)
        {
            int weight = alpha.Pixels[i];
            if (weight is not (0 or Opaque))
            {
                weighted.Pixels[i] = (byte)Math.Min(Opaque, Opaque * weighted.Pixels[i] / weight);
            }
        }

        return weighted;
    }

    private static RgbImage Integers(RgbImage samples, int width, int height, ResampleFilter filter, PixelWindow window)
    {
        // Step 1: the source rows that the window needs.
        var (firstRow, rowCount) = samples.Height == height
            ? (window.Top, window.Height)
            : ResampleWeights.Reach(filter, samples.Height, height, window.Top, window.Height);
        var numbers = new int[rowCount * samples.Width];
        for (var i = 0; i < numbers.Length; i++)
        {
            var pixel = samples.Pixels.AsSpan(((firstRow * samples.Width) + i) * RgbImage.Channels);
            numbers[i] = (pixel[0] << 8) | pixel[1];
        }

        // Step 2: the horizontal pass, rounded to whole numbers.
        var narrowed = new int[rowCount * window.Width];
        for (var x = 0; x < window.Width; x++)
        {
            var (first, weights) = AxisWeights(filter, samples.Width, width, window.Left + x);
            for (var y = 0; y < rowCount; y++)
            {
                narrowed[(y * window.Width) + x] = Sum(numbers.AsSpan((y * samples.Width) + first), 1, weights);
            }
        }

        // Step 3: the vertical pass, cut to a byte.
        var result = RgbImage.CreateUninitialized(window.Width, window.Height);
        for (var y = 0; y < window.Height; y++)
        {
            var (first, weights) = AxisWeights(filter, samples.Height, height, window.Top + y);
            var row = result.Row(y);
            for (var x = 0; x < window.Width; x++)
            {
                var number = Sum(narrowed.AsSpan(((first - firstRow) * window.Width) + x), window.Width, weights);
                row.Slice(x * RgbImage.Channels, RgbImage.Channels).Fill((byte)Math.Clamp(number, 0, Opaque));
            }
        }

        return result;
    }

    /// <summary>An axis that keeps its size has no pass.</summary>
    private static (int First, double[] Weights) AxisWeights(ResampleFilter filter, int from, int to, int output) =>
        from == to ? (output, [1.0]) : ResampleWeights.Exact(filter, from, to, output);

    // Halves are rounded away from zero.
    private static int Sum(ReadOnlySpan<int> numbers, int step, double[] weights)
    {
        var sum = 0.0;
        for (var tap = 0; tap < weights.Length; tap++)
        {
            sum += numbers[tap * step] * weights[tap];
        }

        return (int)Math.CopySign(Math.Floor(Math.Abs(sum) + 0.5), sum);
    }
}
