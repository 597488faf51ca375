using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace ChineseClip.Model.Tests.Fuzzing;

/// <summary>Damage to pictures that leaves their outer structure whole, so that it reaches the decoders.</summary>
internal static class PictureMutations
{
    private const int PngStart = 8;
    private const int RiffStart = 12;

    /// <summary>Most bytes of rows that are unpacked.</summary>
    private const int MaxRows = 1 << 18;
    private static readonly byte[] Depths = [1, 2, 4, 8, 16, 0, 3];
    private static readonly byte[] Colours = [0, 2, 3, 4, 6, 1, 5];

    public static byte[] Mutate(byte[] file, Random random)
    {
        if (random.Next(3) == 0 || file.Length < 30)
        {
            return ByteMutations.Havoc(file, random);
        }

        return file[0] switch
        {
            0x89 => MutatePng(file, random),
            0xFF => MutateJpeg(file, random),
            (byte)'R' => MutateRiff(file, random),
            (byte)'G' => MutateHeader(file, [6, 8, 10, 13, 14, 16, 18, 20], random, 2),
            (byte)'B' => MutateHeader(file, [2, 10, 14, 18, 22, 26, 28, 30, 34, 38, 46, 50, 54, 66], random, 4),
            _ => ByteMutations.Havoc(file, random),
        };
    }

    private static byte[] MutateHeader(byte[] file, int[] fields, Random random, int width)
    {
        byte[] changed = [.. file];
        int place = fields[random.Next(fields.Length)];
        return ByteMutations.Overwrite(changed, place, random.Next(2) == 0 ? random.Next(64) : ByteMutations.TellingNumber(random), width, false);
    }

    private static byte[] MutatePng(byte[] file, Random random)
    {
        // Each part is a chunk's kind and body; lengths and checksums are made anew.
        List<byte[]> chunks = [];
        for (int place = PngStart; place + 12 <= file.Length;)
        {
            long length = BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(place));
            int end = (int)Math.Min(file.Length - 4, place + 8 + length);
            chunks.Add(file[(place + 4)..end]);
            place = end + 4;
        }

        if (random.Next(3) == 0 && chunks.Count > 0 && chunks[0].Length >= 17)
        {
            byte[] header = [.. chunks[0]];
            switch (random.Next(4))
            {
                case 0:
                    header[12] = Depths[random.Next(Depths.Length)];
                    header[13] = Colours[random.Next(Colours.Length)];
                    break;
                case 1:
                    header[16] ^= 1;
                    break;
                default:
                    ByteMutations.Overwrite(header, 4 + (4 * random.Next(2)), random.Next(3) == 0 ? ByteMutations.TellingNumber(random) : random.Next(200), 4, true);
                    break;
            }

            chunks[0] = header;
        }
        else if (random.Next(3) == 0 && chunks.FindIndex(c => c.AsSpan().StartsWith("IDAT"u8)) is var data and >= 0)
        {
            chunks[data] = [.. "IDAT"u8, .. Repack(chunks[data][4..], random)];
        }
        else
        {
            ByteMutations.Parts(chunks, random);
        }

        bool isSound = random.Next(10) > 0;
        return [.. file[..PngStart], .. chunks.SelectMany(c => Chunk(c, isSound))];
    }

    /// <summary>Damages the rows within the compression.</summary>
    private static byte[] Repack(byte[] packed, Random random)
    {
        try
        {
            byte[] rows = new byte[MaxRows];
            using var inflate = new ZLibStream(new MemoryStream(packed), CompressionMode.Decompress);
            int length = inflate.ReadAtLeast(rows, rows.Length, throwOnEndOfStream: false);
            using var result = new MemoryStream();
            using (var deflate = new ZLibStream(result, CompressionLevel.Fastest, leaveOpen: true))
            {
                deflate.Write(ByteMutations.Havoc(rows[..length], random));
            }

            return result.ToArray();
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            return ByteMutations.Havoc(packed, random);
        }
    }

    private static byte[] Chunk(byte[] kindAndBody, bool isSound)
    {
        byte[] length = new byte[4];
        byte[] checksum = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, Math.Max(0, kindAndBody.Length - 4));
        BinaryPrimitives.WriteUInt32BigEndian(checksum, isSound ? Crc32.HashToUInt32(kindAndBody) : 0);
        return [.. length, .. kindAndBody, .. checksum];
    }

    private static byte[] MutateJpeg(byte[] file, Random random)
    {
        List<byte[]> segments = [];
        int place = 2;
        while (place + 4 <= file.Length && file[place] == 0xFF && file[place + 1] != 0xDA)
        {
            int end = Math.Min(file.Length, place + 2 + BinaryPrimitives.ReadUInt16BigEndian(file.AsSpan(place + 2)));
            segments.Add(file[place..end]);
            place = end;
        }

        byte[] scan = file[Math.Min(place, file.Length)..];
        if (random.Next(3) == 0)
        {
            scan = ByteMutations.Havoc(scan, random);
        }
        else
        {
            int frame = segments.FindIndex(s => s[1] is >= 0xC0 and <= 0xCF and not 0xC4 && s.Length > 9);
            if (frame >= 0 && random.Next(3) == 0)
            {
                segments[frame] = ByteMutations.Overwrite([.. segments[frame]], 1 + random.Next(segments[frame].Length - 1), random.Next(random.Next(2) == 0 ? 5 : 256), 1, true);
            }
            else
            {
                ByteMutations.Parts(segments, random);
            }
        }

        return [0xFF, 0xD8, .. segments.SelectMany(s => s), .. scan];
    }

    private static byte[] MutateRiff(byte[] file, Random random)
    {
        List<byte[]> chunks = [];
        for (int place = RiffStart; place + 8 <= file.Length;)
        {
            long length = 8 + ((BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(place + 4)) + 1L) & ~1L);
            int end = (int)Math.Min(file.Length, place + length);
            chunks.Add(file[place..end]);
            place = end;
        }

        ByteMutations.Parts(chunks, random);
        byte[] changed = [.. file[..RiffStart], .. chunks.SelectMany(c => c)];
        return random.Next(8) == 0 ? changed : ByteMutations.Overwrite(changed, 4, changed.Length - 8, 4, isBigEndian: false);
    }
}
