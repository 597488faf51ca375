using System.Buffers.Binary;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace ChineseClip.Model.Checkpoints;

/// <summary>Where an entry's bytes lie in the file.</summary>
internal readonly record struct ZipEntry(long Offset, long ByteCount);

/// <summary>The entries of a zip file that are stored as they are, with their places: tensors are then read without unpacking.</summary>
/// <remarks>
/// Compressed and encrypted entries are refused, so nothing grows while being read. Zip64 is understood.
/// Source: PKWARE APPNOTE 6.3, sections 4.3.7, 4.3.12, 4.3.14 to 4.3.16, 4.5.3.
/// </remarks>
internal static class ZipEntries
{
    private const uint EndSignature = 0x06054b50;
    private const uint End64Signature = 0x06064b50;
    private const uint Locator64Signature = 0x07064b50;
    private const uint EntrySignature = 0x02014b50;
    private const uint LocalSignature = 0x04034b50;
    private const int EndBytes = 22;
    private const int EntryBytes = 46;
    private const int LocalBytes = 30;
    private const int MaxCommentBytes = ushort.MaxValue;
    private const int MaxDirectoryBytes = 64 << 20;

    public static Dictionary<string, ZipEntry> Read(SafeFileHandle file, string path)
    {
        long fileBytes = RandomAccess.GetLength(file);
        byte[] tail = new byte[Math.Min(fileBytes, EndBytes + MaxCommentBytes)];
        ElementReader.Fill(file, path, fileBytes - tail.Length, tail);
        (long offset, long byteCount) = FindDirectory(file, path, tail, fileBytes);
        if (offset < 0 || byteCount < 0 || byteCount > MaxDirectoryBytes || offset > fileBytes - byteCount)
        {
            throw new ModelFormatException(
                path, $"has a zip directory of {byteCount} bytes at {offset}; the file has {fileBytes}, and {MaxDirectoryBytes} are read");
        }

        byte[] directory = new byte[byteCount];
        ElementReader.Fill(file, path, offset, directory);
        return ReadDirectory(file, path, directory, offset);
    }

    private static (long Offset, long ByteCount) FindDirectory(SafeFileHandle file, string path, byte[] tail, long fileBytes)
    {
        for (int i = tail.Length - EndBytes; i >= 0; i--)
        {
            ReadOnlySpan<byte> end = tail.AsSpan(i);
            if (UInt32(end) != EndSignature)
            {
                continue;
            }

            uint byteCount = UInt32(end[12..]);
            uint offset = UInt32(end[16..]);
            bool isZip64 = offset == uint.MaxValue || byteCount == uint.MaxValue || UInt16(end[10..]) == ushort.MaxValue;
            return isZip64 && i >= 20 && UInt32(tail.AsSpan(i - 20)) == Locator64Signature
                ? FindDirectory64(file, path, Int64(tail.AsSpan(i - 12)), fileBytes)
                : (offset, byteCount);
        }

        bool isCut = fileBytes >= LocalBytes && StartsAsZip(file, path);
        throw new ModelFormatException(
            path,
            isCut
                ? $"is a zip file that ends after {fileBytes} bytes without its directory; it was not written or downloaded to its end"
                : $"is neither a zip file nor of torch's older format, in its {fileBytes} bytes; expected what torch.save writes, or safetensors");
    }

    private static bool StartsAsZip(SafeFileHandle file, string path)
    {
        Span<byte> start = stackalloc byte[4];
        ElementReader.Fill(file, path, 0, start);
        return UInt32(start) == LocalSignature;
    }

    private static (long Offset, long ByteCount) FindDirectory64(SafeFileHandle file, string path, long position, long fileBytes)
    {
        Span<byte> end = stackalloc byte[56];
        if (position < 0 || position > fileBytes - end.Length)
        {
            throw new ModelFormatException(path, $"has its zip64 directory end at {position}; the file has {fileBytes} bytes");
        }

        ElementReader.Fill(file, path, position, end);
        return UInt32(end) == End64Signature
            ? (Int64(end[48..]), Int64(end[40..]))
            : throw new ModelFormatException(path, $"has no zip64 directory end at {position}");
    }

    private static Dictionary<string, ZipEntry> ReadDirectory(SafeFileHandle file, string path, byte[] directory, long limit)
    {
        var entries = new Dictionary<string, ZipEntry>(StringComparer.Ordinal);
        ReadOnlySpan<byte> rest = directory;
        while (rest.Length > 0)
        {
            if (rest.Length < EntryBytes || UInt32(rest) != EntrySignature)
            {
                throw new ModelFormatException(path, $"has a damaged zip directory after {entries.Count} entries");
            }

            int nameBytes = UInt16(rest[28..]);
            int extraBytes = UInt16(rest[30..]);
            int total = EntryBytes + nameBytes + extraBytes + UInt16(rest[32..]);
            if (total > rest.Length)
            {
                throw new ModelFormatException(path, $"has a zip directory that ends within entry {entries.Count}");
            }

            string name = Encoding.UTF8.GetString(rest.Slice(EntryBytes, nameBytes));
            (long byteCount, long local) = ReadPlace(path, name, rest[..(EntryBytes + nameBytes + extraBytes)], nameBytes);
            if (!entries.TryAdd(name, Locate(file, path, name, local, byteCount, limit)))
            {
                throw new ModelFormatException(path, $"has the zip entry \"{name}\" twice");
            }

            rest = rest[total..];
        }

        return entries;
    }

    private static (long ByteCount, long Local) ReadPlace(string path, string name, ReadOnlySpan<byte> entry, int nameBytes)
    {
        bool isEncrypted = (UInt16(entry[8..]) & 1) != 0;
        int method = UInt16(entry[10..]);
        long packedBytes = UInt32(entry[20..]);
        long byteCount = UInt32(entry[24..]);
        long local = UInt32(entry[42..]);
        ReadOnlySpan<byte> extra = entry[(EntryBytes + nameBytes)..];
        while (extra.Length >= 4)
        {
            int fieldBytes = Math.Min(UInt16(extra[2..]), extra.Length - 4);
            if (UInt16(extra) == 1)
            {
                ReadOnlySpan<byte> values = extra.Slice(4, fieldBytes);
                byteCount = Widen(byteCount, ref values);
                packedBytes = Widen(packedBytes, ref values);
                local = Widen(local, ref values);
            }

            extra = extra[(4 + fieldBytes)..];
        }

        return !isEncrypted && method == 0 && packedBytes == byteCount
            ? (byteCount, local)
            : throw new ModelFormatException(path, $"has the zip entry \"{name}\" compressed or encrypted; torch.save stores them plain");
    }

    /// <summary>Where a 32-bit field is all ones, its value is the next of the zip64 field.</summary>
    private static long Widen(long value, ref ReadOnlySpan<byte> values)
    {
        if (value != uint.MaxValue || values.Length < 8)
        {
            return value;
        }

        long wide = Int64(values);
        values = values[8..];
        return wide;
    }

    private static ZipEntry Locate(SafeFileHandle file, string path, string name, long local, long byteCount, long limit)
    {
        if (local < 0 || local > limit - LocalBytes)
        {
            throw new ModelFormatException(path, $"has the zip entry \"{name}\" at {local}; expected 0..{limit - LocalBytes}");
        }

        Span<byte> header = stackalloc byte[LocalBytes];
        ElementReader.Fill(file, path, local, header);
        if (UInt32(header) != LocalSignature)
        {
            throw new ModelFormatException(path, $"has no zip entry at {local}, where \"{name}\" should be");
        }

        long offset = local + LocalBytes + UInt16(header[26..]) + UInt16(header[28..]);
        return byteCount >= 0 && offset <= limit && byteCount <= limit - offset
            ? new ZipEntry(offset, byteCount)
            : throw new ModelFormatException(path, $"has the zip entry \"{name}\" with {byteCount} bytes at {offset}; only {limit} are there");
    }

    private static int UInt16(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    private static uint UInt32(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    private static long Int64(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt64LittleEndian(bytes);
}
