using System.Buffers.Binary;

namespace ChineseClip.Model.Images;

/// <summary>Decodes the first frame of a GIF with the colours that Pillow gives its transparent pixels.</summary>
/// <remarks>
/// Skia makes a transparent pixel black; Pillow takes its colour from the palette, and fills what the frame does not cover with the
/// transparent index, else with index 0.  Source: GIF89a specification; Pillow 9.4.0 GifImagePlugin.py, GifDecode.c.
/// </remarks>
internal ref struct GifFirstFrame
{
    private const int MaxCodes = 4096;
    private const int NoCode = -1;

    // First line and step of each pass.
    private static readonly (int Start, int Step)[] InterlacedPasses = [(0, 8), (4, 8), (2, 4), (1, 2)];

    private readonly ReadOnlySpan<byte> _data;
    private readonly string _inputName;
    private int _position;
    private int _blockLeft;
    private bool _hasPalette;

    private GifFirstFrame(ReadOnlySpan<byte> data, string inputName)
    {
        _data = data;
        _inputName = inputName;
    }

    public static RgbImage Decode(ReadOnlySpan<byte> data, ImageHeader header, string inputName, long maxPixels) =>
        Decode(data, header, inputName, maxPixels, out _);

    /// <param name="data">The file.</param>
    /// <param name="header">Its header, checked.</param>
    /// <param name="inputName">Its name, for messages.</param>
    /// <param name="maxPixels">Pixels at most.</param>
    /// <param name="hasPalette">False where there is none, or one that says nothing but gray 0, 1, 2…: then the reference drops it.</param>
    public static RgbImage Decode(ReadOnlySpan<byte> data, ImageHeader header, string inputName, long maxPixels, out bool hasPalette)
    {
        var frame = new GifFirstFrame(data, inputName);
        var image = frame.Decode(header, maxPixels);
        hasPalette = frame._hasPalette;
        return image;
    }

    private RgbImage Decode(ImageHeader header, long maxPixels)
    {
        // Step 1: the global palette, and blocks until the first frame.
        _position = 10;
        int screenFlags = Next();
        _position = 13;
        var palette = (screenFlags & 0x80) != 0 ? Take(3 << ((screenFlags & 7) + 1)) : default;
        var transparent = 0;
        for (var kind = Next(); kind != 0x2C; kind = Next())
        {
            if (kind == 0x21)
            {
                ReadExtension(ref transparent);
            }
            else if (kind == 0x3B)
            {
                throw Failure(ImageInputError.Corrupt, "no frame before the end mark");
            }
        }

        // Step 2: the frame's place and its own palette. A frame larger than the screen enlarges it.
        int left = NextWord(), top = NextWord(), width = NextWord(), height = NextWord(), flags = Next();
        palette = (flags & 0x80) != 0 ? Take(3 << ((flags & 7) + 1)) : palette;
        int canvasWidth = Math.Max(header.Width, left + width), canvasHeight = Math.Max(header.Height, top + height);
        if (width == 0 || height == 0)
        {
            throw Failure(ImageInputError.Corrupt, $"the first frame is {width}x{height}");
        }

        if ((long)canvasWidth * canvasHeight > maxPixels)
        {
            throw Failure(ImageInputError.TooManyPixels, $"{canvasWidth}x{canvasHeight} with its first frame; at most {maxPixels} pixels are allowed");
        }

        // Step 3: the indices, then their colours.
        var indices = new byte[width * height];
        ReadIndices(indices);
        var colours = ColoursOf(palette);
        _hasPalette = !colours.AsSpan(0, palette.Length).SequenceEqual(ColoursOf([]).AsSpan(0, palette.Length));
        var image = RgbImage.CreateUninitialized(canvasWidth, canvasHeight);
        if (canvasWidth != width || canvasHeight != height)
        {
            for (var i = 0; i < image.Pixels.Length; i += RgbImage.Channels)
            {
                colours.AsSpan(transparent * RgbImage.Channels, RgbImage.Channels).CopyTo(image.Pixels.AsSpan(i));
            }
        }

        for (var line = 0; line < height; line++)
        {
            var y = (flags & 0x40) != 0 ? InterlacedLine(line, height) : line;
            var row = image.Row(top + y)[(left * RgbImage.Channels)..];
            for (var x = 0; x < width; x++)
            {
                colours.AsSpan(indices[(line * width) + x] * RgbImage.Channels, RgbImage.Channels).CopyTo(row[(x * RgbImage.Channels)..]);
            }
        }

        return image;
    }

    private void ReadExtension(ref int transparent)
    {
        var isGraphicControl = Next() == 0xF9;
        for (int length = Next(); length != 0; length = Next())
        {
            var block = Take(length);
            if (isGraphicControl && length >= 4 && (block[0] & 1) != 0)
            {
                transparent = block[3];
            }
        }
    }

    // LZW with codes of variable length: each code stands for an earlier string and one more index.
    private void ReadIndices(Span<byte> indices)
    {
        int minimumBits = Next();
        if (minimumBits is < 1 or > 11)
        {
            throw Failure(ImageInputError.Corrupt, $"LZW codes of {minimumBits} bits; must be 1..11");
        }

        Span<short> prefix = stackalloc short[MaxCodes];
        Span<byte> suffix = stackalloc byte[MaxCodes];
        Span<byte> pending = stackalloc byte[MaxCodes + 1];
        int clear = 1 << minimumBits, end = clear + 1, nextCode = end + 1, codeBits = minimumBits + 1;
        int bits = 0, bitCount = 0, previous = NoCode, written = 0;
        byte first = 0;
        while (written < indices.Length)
        {
            while (bitCount < codeBits)
            {
                bits |= NextOfBlocks() << bitCount;
                bitCount += 8;
            }

            var code = bits & ((1 << codeBits) - 1);
            bits >>= codeBits;
            bitCount -= codeBits;
            if (code == clear)
            {
                (nextCode, codeBits, previous) = (end + 1, minimumBits + 1, NoCode);
                continue;
            }

            if (code == end || code > nextCode || (code == nextCode && previous == NoCode) || (previous == NoCode && code > clear))
            {
                throw Failure(ImageInputError.Corrupt, $"LZW code {code} after {written} of {indices.Length} pixels");
            }

            // The string is found from its end; a code that is just being defined repeats the previous string's first index.
            var count = 0;
            var walk = code;
            if (code == nextCode)
            {
                pending[count++] = first;
                walk = previous;
            }

            for (; walk > end; walk = prefix[walk])
            {
                pending[count++] = suffix[walk];
            }

            pending[count++] = first = (byte)walk;
            if (previous != NoCode && nextCode < MaxCodes)
            {
                (prefix[nextCode], suffix[nextCode]) = ((short)previous, first);
                nextCode++;
                if (nextCode == 1 << codeBits && codeBits < 12)
                {
                    codeBits++;
                }
            }

            previous = code;
            while (count > 0 && written < indices.Length)
            {
                indices[written++] = pending[--count];
            }
        }
    }

    private static byte[] ColoursOf(ReadOnlySpan<byte> palette)
    {
        // An index without a colour is gray, as in a new palette of the reference.
        var colours = new byte[256 * RgbImage.Channels];
        for (var i = 0; i < colours.Length; i++)
        {
            colours[i] = i < palette.Length ? palette[i] : (byte)(i / RgbImage.Channels);
        }

        return colours;
    }

    private static int InterlacedLine(int line, int height)
    {
        foreach (var (start, step) in InterlacedPasses)
        {
            var count = (height - start + step - 1) / step;
            if (line < count)
            {
                return start + (line * step);
            }

            line -= Math.Max(0, count);
        }

        return height - 1;
    }

    private int NextOfBlocks()
    {
        if (_blockLeft == 0 && (_blockLeft = Next()) == 0)
        {
            throw Failure(ImageInputError.Corrupt, "the frame's data ends before its last pixel");
        }

        _blockLeft--;
        return Next();
    }

    private byte Next() => Take(1)[0];

    private int NextWord() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    private ReadOnlySpan<byte> Take(int count)
    {
        if (_data.Length - _position < count)
        {
            throw Failure(ImageInputError.Truncated, $"the data ends after {_data.Length} bytes, before the first frame's last pixel");
        }

        var taken = _data.Slice(_position, count);
        _position += count;
        return taken;
    }

    private readonly ImageInputException Failure(ImageInputError error, string problem) => new(error, _inputName, $"GIF: {problem}.");
}
