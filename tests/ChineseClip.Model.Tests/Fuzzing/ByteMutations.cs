using System.Buffers.Binary;

namespace ChineseClip.Model.Tests.Fuzzing;

/// <summary>Damage that knows nothing of what the bytes mean.</summary>
internal static class ByteMutations
{
    private const int MaxLength = 1 << 20;

    private static readonly long[] Telling =
        [0, 1, 2, 3, 4, 7, 8, 9, 16, 32, 64, 127, 128, 255, 256, 1000, 4096, 32767, 32768, 65535, 65536, 1 << 20, int.MaxValue, 0x80000000, 0xFFFFFFFF, long.MaxValue, long.MinValue, -1, -2, -100];

    /// <summary>A number at or near a place where programs go wrong.</summary>
    public static long TellingNumber(Random random) =>
        random.Next(4) == 0 ? random.NextInt64(1L << random.Next(1, 63)) : Telling[random.Next(Telling.Length)];

    /// <summary>One to four wounds at random places.</summary>
    public static byte[] Havoc(byte[] input, Random random)
    {
        byte[] bytes = [.. input];
        int wounds = 1 << random.Next(3);
        for (int i = 0; i < wounds; i++)
        {
            bytes = Wound(bytes, random);
        }

        return bytes.Length <= MaxLength ? bytes : bytes[..MaxLength];
    }

    private static byte[] Wound(byte[] bytes, Random random)
    {
        if (bytes.Length == 0)
        {
            return [(byte)random.Next(256)];
        }

        int place = random.Next(bytes.Length);
        int count = 1 + random.Next(1 << random.Next(1, 7));
        int end = Math.Min(bytes.Length, place + count);
        switch (random.Next(9))
        {
            case 0:
                bytes[place] ^= (byte)(1 << random.Next(8));
                return bytes;
            case 1:
                bytes[place] = (byte)TellingNumber(random);
                return bytes;
            case 2:
                return Overwrite(bytes, place, TellingNumber(random), 1 << random.Next(1, 4), random.Next(2) == 0);
            case 3:
                return [.. bytes[..place], .. bytes[end..]];
            case 4:
                return [.. bytes[..end], .. bytes[place..]];
            case 5:
                byte[] noise = new byte[count];
                random.NextBytes(noise);
                return [.. bytes[..place], .. noise, .. bytes[place..]];
            case 6:
                return bytes[..place];
            case 7:
                int other = random.Next(bytes.Length);
                int length = Math.Min(count, bytes.Length - Math.Max(place, other));
                bytes.AsSpan(other, length).ToArray().CopyTo(bytes, place);
                return bytes;
            default:
                random.NextBytes(bytes.AsSpan(place, end - place));
                return bytes;
        }
    }

    /// <summary>Puts a number over what is there, as far as it fits.</summary>
    public static byte[] Overwrite(byte[] bytes, int place, long number, int width, bool isBigEndian)
    {
        Span<byte> all = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(all, number);
        Span<byte> part = all[..Math.Min(width, all.Length)];
        if (isBigEndian)
        {
            part.Reverse();
        }

        if (place >= 0 && place < bytes.Length)
        {
            part[..Math.Min(part.Length, bytes.Length - place)].CopyTo(bytes.AsSpan(place));
        }

        return bytes;
    }

    /// <summary>Drops, doubles, swaps, wounds or takes over one of some parts.</summary>
    public static void Parts(List<byte[]> parts, Random random)
    {
        if (parts.Count == 0)
        {
            return;
        }

        int which = random.Next(parts.Count);
        int other = random.Next(parts.Count);
        switch (random.Next(5))
        {
            case 0:
                parts.RemoveAt(which);
                break;
            case 1:
                parts.Insert(other, parts[which]);
                break;
            case 2:
                (parts[which], parts[other]) = (parts[other], parts[which]);
                break;
            default:
                parts[which] = Havoc(parts[which], random);
                break;
        }
    }
}
