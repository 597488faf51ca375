using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace ChineseClip.Storage.Files;

/// <summary>The bytes of one document file, format 1.</summary>
/// <remarks>
/// Little-endian: 0 magic "CCDOCUMT" · 8 format u32 · 12 name bytes u32 · 16 version i64 · 24 content bytes i64 · 32 name (UTF-8) · content ·
/// XxHash3 (u64) of all before it.
/// </remarks>
internal static class DocumentFormat
{
    private const int FixedBytes = 32;

    private const int ChecksumBytes = 8;

    private const uint Format = 1;

    private static ReadOnlySpan<byte> Magic => "CCDOCUMT"u8;

    public static byte[] Encode(StoredDocument document)
    {
        byte[] name = Encoding.UTF8.GetBytes(document.Name);
        byte[] file = new byte[FixedBytes + name.Length + document.Content.Length + ChecksumBytes];
        Magic.CopyTo(file);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(8), Format);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(12), (uint)name.Length);
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(16), document.Version);
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(24), document.Content.Length);
        name.CopyTo(file, FixedBytes);
        document.Content.CopyTo(file.AsMemory(FixedBytes + name.Length));
        Span<byte> checksum = file.AsSpan(file.Length - ChecksumBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(checksum, XxHash3.HashToUInt64(file.AsSpan(0, file.Length - ChecksumBytes)));
        return file;
    }

    /// <exception cref="StorageException">Corrupt: the file is not what <see cref="Encode"/> wrote.</exception>
    public static StoredDocument Decode(byte[] file, string path)
    {
        if (file.Length < FixedBytes + ChecksumBytes)
        {
            throw MediumErrors.Corrupt(path, file.Length, $"a document has at least {FixedBytes + ChecksumBytes} bytes, this file {file.Length}.");
        }

        if (!file.AsSpan(0, Magic.Length).SequenceEqual(Magic))
        {
            throw MediumErrors.Corrupt(path, 0, "it does not begin with the mark of a document.");
        }

        uint format = BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(8));
        if (format != Format)
        {
            throw MediumErrors.Corrupt(path, 8, $"document format {format}; this version reads {Format}.");
        }

        long nameBytes = BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(12));
        long contentBytes = BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(24));
        if (contentBytes < 0 || contentBytes > file.Length || FixedBytes + nameBytes + contentBytes + ChecksumBytes != file.Length)
        {
            throw MediumErrors.Corrupt(path, 12, $"name of {nameBytes} and content of {contentBytes} bytes do not make {file.Length} bytes.");
        }

        ulong stored = BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(file.Length - ChecksumBytes));
        if (stored != XxHash3.HashToUInt64(file.AsSpan(0, file.Length - ChecksumBytes)))
        {
            throw MediumErrors.Corrupt(path, file.Length - ChecksumBytes, "the checksum does not match the content.");
        }

        string name = Encoding.UTF8.GetString(file, FixedBytes, (int)nameBytes);
        long version = BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(16));
        return new StoredDocument(name, version, file.AsMemory(FixedBytes + (int)nameBytes, (int)contentBytes));
    }
}
