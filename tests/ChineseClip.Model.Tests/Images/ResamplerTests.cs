using ChineseClip.Model.Images;
using CsCheck;

namespace ChineseClip.Model.Tests.Images;

public class ResamplerTests
{
    private static readonly Gen<ResampleFilter> Filters = Gen.Int[0, 5].Select(number => (ResampleFilter)number);

    [Fact]
    public void EveryKernelEqualsScalar() =>
        Gen.Select(Gen.Int[1, 90], Gen.Int[1, 60], Gen.Int[1, 70], Gen.Int[1, 70], Filters, Gen.Int[0, 3])
            .Sample((width, height, toWidth, toHeight, filter, pattern) =>
            {
                var image = Draw(width, height, pattern);
                var whole = new PixelWindow(0, 0, toWidth, toHeight);
                var scalar = PillowResampler.Resize(image, toWidth, toHeight, filter, whole, ResampleKernel.Scalar);
                return Kernels().All(kernel =>
                    PillowResampler.Resize(image, toWidth, toHeight, filter, whole, kernel).Pixels.AsSpan().SequenceEqual(scalar.Pixels));
            }, iter: 400);

    [Fact]
    public void WindowEqualsCropOfWhole() =>
        Gen.Select(Gen.Int[1, 60], Gen.Int[1, 60], Gen.Int[4, 50], Gen.Int[4, 50], Filters, Gen.Int[0, 3])
            .Sample((width, height, toWidth, toHeight, filter, inset) =>
            {
                var image = Draw(width, height, 0);
                var window = new PixelWindow(inset / 2, inset, toWidth - inset, toHeight - inset);
                var whole = PillowResampler.Resize(image, toWidth, toHeight, filter);
                var part = PillowResampler.Resize(image, toWidth, toHeight, filter, window, ResampleKernels.Best);
                return Enumerable.Range(0, window.Height).All(y => whole.Row(window.Top + y)
                    .Slice(window.Left * 3, window.Width * 3).SequenceEqual(part.Row(y)));
            }, iter: 300);

    [Theory]
    [InlineData(2_000_000, 1)]
    [InlineData(1, 2_000_000)]
    public void Resize_AbsurdReduction_StaysExactWithBoundedWeights(int width, int height)
    {
        var image = Draw(width, height, 3);
        var window = new PixelWindow(0, 0, 8, 8);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var fast = PillowResampler.Resize(image, 8, 8, ResampleFilter.Bicubic);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(PillowResampler.Resize(image, 8, 8, ResampleFilter.Bicubic, window, ResampleKernel.Scalar).Pixels, fast.Pixels);
        Assert.InRange(allocated, 0, 400L << 20);
    }

    [Theory]
    [InlineData(0, 4)]
    [InlineData(4, -1)]
    public void Resize_NoSize_NamesValue(int width, int height) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => PillowResampler.Resize(Draw(2, 2, 0), width, height, ResampleFilter.Bicubic));

    private static IEnumerable<ResampleKernel> Kernels() =>
        Enum.GetValues<ResampleKernel>().Where(kernel => kernel <= ResampleKernels.Best);

    // Noise, black and white noise (which overshoots most), a ramp, one colour.
    private static RgbImage Draw(int width, int height, int pattern)
    {
        var random = new Random((width * 1000) + height);
        var pixels = new byte[width * height * 3];
        random.NextBytes(pixels);
        for (var i = 0; i < pixels.Length && pattern != 0; i++)
        {
            pixels[i] = pattern switch { 1 => (byte)(pixels[i] < 128 ? 0 : 255), 2 => (byte)(i / 3), _ => 255 };
        }

        return new RgbImage(width, height, pixels);
    }
}
