using System.Buffers.Binary;
using System.IO.Compression;

namespace ChineseClip.Model.Images;

/// <summary>Decodes PNGs of 16 bits a sample, which Skia scales otherwise than Pillow.</summary>
/// <remarks>
/// Pillow keeps the high byte of colour samples, but a gray picture's whole numbers, which convert("RGB") then clips at 255.
/// Source: PNG specification (ISO/IEC 15948) 9 (filters) and 8.2 (interlacing); Pillow 9.4.0 PngImagePlugin.py, Convert.c.
/// </remarks>
internal static class SixteenBitPng
{
    private const int ChunkOverhead = 12;
    private const int FirstChunk = 8;
    private const int BytesPerSample = 2;

    private delegate void PixelConversion(ReadOnlySpan<byte> samples, Span<byte> pixel);

    // Adam7: first column and row of each pass, and the steps.
    private static readonly (int X, int Y, int StepX, int StepY)[] Passes =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    /// <summary>Whether a PNG whose header was checked has 16 bits a sample.</summary>
    public static bool Is(ReadOnlySpan<byte> data) => data[24] == 16;

    /// <param name="data">The file.</param>
    /// <param name="header">Its header, checked.</param>
    /// <param name="inputName">Its name, for messages.</param>
    /// <param name="second">Whether alpha, or a gray picture's whole numbers, are wanted instead of the colours: see <see cref="SourceImage.Second"/>.</param>
    public static RgbImage Decode(ReadOnlySpan<byte> data, ImageHeader header, string inputName, bool second = false)
    {
        int colourType = data[25], interlace = data[28];
        var channels = colourType switch { 0 => 1, 2 => 3, 4 => 2, 6 => 4, _ => 0 };
        if (channels == 0 || interlace > 1 || data[26] != 0 || data[27] != 0)
        {
            throw Failure(ImageInputError.Corrupt, inputName, $"colour type {colourType} or interlace {interlace} is not one of 16-bit PNGs");
        }

        using var packed = CollectData(data, inputName);
        using var pixels = new ZLibStream(packed, CompressionMode.Decompress);
        var image = RgbImage.CreateUninitialized(header.Width, header.Height);
        try
        {
            foreach (var (x, y, stepX, stepY) in interlace == 1 ? Passes : [(0, 0, 1, 1)])
            {
                if (x < image.Width && y < image.Height)
                {
                    DecodePass(pixels, image, channels, (x, y, stepX, stepY), second ? ConvertSecond : Convert);
                }
            }
        }
        catch (EndOfStreamException)
        {
            throw Failure(ImageInputError.Truncated, inputName, $"the image data of a {header.Width}x{header.Height} picture ends early, after {data.Length} bytes");
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException) // a preset dictionary is an IOException to ZLibStream
        {
            throw Failure(ImageInputError.Corrupt, inputName, exception.Message.TrimEnd('.'));
        }

        return image;
    }

    private static MemoryStream CollectData(ReadOnlySpan<byte> data, string inputName)
    {
        var packed = new MemoryStream();
        var position = FirstChunk;
        while (position + ChunkOverhead <= data.Length)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(data[position..]);
            var kind = data.Slice(position + 4, 4);
            if (kind.SequenceEqual("IEND"u8))
            {
                break;
            }

            // A cut last chunk still gives what it has, so that the end of the data is reported as such.
            var body = data[(position + 8)..];
            body = body[..(int)Math.Min(length, body.Length)];
            if (kind.SequenceEqual("IDAT"u8))
            {
                packed.Write(body);
            }

            position = (int)Math.Min(data.Length, position + ChunkOverhead + (long)length);
        }

        if (packed.Length == 0)
        {
            throw Failure(ImageInputError.Truncated, inputName, $"no image data in {data.Length} bytes");
        }

        packed.Position = 0;
        return packed;
    }

    private static void DecodePass(ZLibStream pixels, RgbImage image, int channels, (int X, int Y, int StepX, int StepY) pass, PixelConversion convert)
    {
        var columns = (image.Width - pass.X + pass.StepX - 1) / pass.StepX;
        var bytesPerPixel = channels * BytesPerSample;
        var line = new byte[checked(columns * bytesPerPixel)];
        var previous = new byte[line.Length];
        for (var y = pass.Y; y < image.Height; y += pass.StepY)
        {
            var filter = pixels.ReadByte();
            pixels.ReadExactly(line);
            Unfilter(filter, line, previous, bytesPerPixel);
            var row = image.Row(y);
            for (var column = 0; column < columns; column++)
            {
                convert(line.AsSpan(column * bytesPerPixel, bytesPerPixel), row[((pass.X + (column * pass.StepX)) * RgbImage.Channels)..]);
            }

            (line, previous) = (previous, line);
        }
    }

    private static void Convert(ReadOnlySpan<byte> samples, Span<byte> pixel)
    {
        switch (samples.Length / BytesPerSample)
        {
            case 1:
                pixel[..RgbImage.Channels].Fill((byte)Math.Min(255, (int)BinaryPrimitives.ReadUInt16BigEndian(samples)));
                break;
            case 2:
                pixel[..RgbImage.Channels].Fill(samples[0]);
                break;
            default:
                (pixel[0], pixel[1], pixel[2]) = (samples[0], samples[2], samples[4]);
                break;
        }
    }

    private static void ConvertSecond(ReadOnlySpan<byte> samples, Span<byte> pixel)
    {
        if (samples.Length == BytesPerSample)
        {
            (pixel[0], pixel[1], pixel[2]) = (samples[0], samples[1], 0);
        }
        else
        {
            pixel[..RgbImage.Channels].Fill(samples[^BytesPerSample]);
        }
    }

    private static void Unfilter(int filter, Span<byte> line, ReadOnlySpan<byte> previous, int bytesPerPixel)
    {
        if (filter is < 0 or > 4)
        {
            throw filter < 0 ? new EndOfStreamException() : new InvalidDataException($"row filter {filter}; must be 0..4");
        }

        for (var i = 0; filter != 0 && i < line.Length; i++)
        {
            int left = i >= bytesPerPixel ? line[i - bytesPerPixel] : 0, up = previous[i];
            int corner = i >= bytesPerPixel ? previous[i - bytesPerPixel] : 0;
            line[i] += (byte)(filter switch { 1 => left, 2 => up, 3 => (left + up) / 2, _ => Paeth(left, up, corner) });
        }
    }

    private static int Paeth(int left, int up, int corner)
    {
        var estimate = left + up - corner;
        int toLeft = Math.Abs(estimate - left), toUp = Math.Abs(estimate - up), toCorner = Math.Abs(estimate - corner);
        return toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
    }

    private static ImageInputException Failure(ImageInputError error, string inputName, string problem) =>
        new(error, inputName, $"16-bit PNG: {problem}.");
}
