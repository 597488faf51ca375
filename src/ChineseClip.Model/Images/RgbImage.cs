namespace ChineseClip.Model;

/// <summary>A decoded picture: red, green, blue, one byte each.</summary>
/// <remarks>Shape: [<see cref="Height"/>, <see cref="Width"/>, 3], row-major.  Ownership: the caller's array, not copied.</remarks>
public sealed class RgbImage
{
    public const int Channels = 3;

    public RgbImage(int width, int height, byte[] pixels)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentNullException.ThrowIfNull(pixels);
        var expected = (long)width * height * Channels;
        if (pixels.Length != expected)
        {
            throw new ArgumentException(
                $"A {width}x{height} picture has {expected} bytes; {pixels.Length} were given.", nameof(pixels));
        }

        Width = width;
        Height = height;
        Pixels = pixels;
    }

    public int Width { get; }

    public int Height { get; }

    public byte[] Pixels { get; }

    internal static RgbImage CreateUninitialized(int width, int height) =>
        new(width, height, GC.AllocateUninitializedArray<byte>(checked(width * height * Channels)));

    internal Span<byte> Row(int y) => Pixels.AsSpan(y * Width * Channels, Width * Channels);
}
