using System.Text;
using System.Text.Json;

namespace ChineseClip.Vectors.Persistence;

/// <summary>Reads and writes index.json: a JSON object whose first member is the checksum of all that follows it.</summary>
/// <remarks>Form: <c>{"xxh128": "32 digits",</c> and a line feed; the checksum covers the bytes from there to the end.</remarks>
internal static class ManifestDocument
{
    public const string FileName = "index.json";

    private const int DigitCount = 32;
    private static readonly byte[] Opening = "{\"xxh128\": \""u8.ToArray();
    private static readonly byte[] Closing = "\",\n"u8.ToArray();

    public static int HeadLength => Opening.Length + DigitCount + Closing.Length;

    public static byte[] Write(IndexManifest manifest)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(manifest, ManifestJson.Default.IndexManifest);
        ReadOnlySpan<byte> body = json.AsSpan(1);    // without its opening brace, which the head brings
        return [.. Opening, .. Encoding.ASCII.GetBytes(Checksum.Of(body)), .. Closing, .. body];
    }

    /// <exception cref="IndexFileException">Not a manifest, damaged, or of another version.</exception>
    public static IndexManifest Read(string file)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(file);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new IndexFileException(file, 0, "the manifest of an index snapshot must be here; there is no such file.", exception);
        }
        return Parse(file, bytes);
    }

    private static IndexManifest Parse(string file, byte[] bytes)
    {
        if (!bytes.AsSpan().StartsWith(Opening))
        {
            throw new IndexFileException(file, 0, $"must begin with {Encoding.ASCII.GetString(Opening)}.");
        }
        if (bytes.Length < HeadLength || !bytes.AsSpan(Opening.Length + DigitCount).StartsWith(Closing))
        {
            throw new IndexFileException(file, Opening.Length, $"must have {DigitCount} digits of a checksum here and a line end.");
        }
        string stated = Encoding.ASCII.GetString(bytes, Opening.Length, DigitCount);
        ReadOnlySpan<byte> body = bytes.AsSpan(HeadLength);
        string actual = Checksum.Of(body);
        if (stated != actual)
        {
            throw new IndexFileException(
                file, HeadLength, $"the {body.Length} bytes from here on must have checksum {stated}; they have {actual}.");
        }
        ThrowIfOtherFormat(file, bytes);
        try
        {
            return JsonSerializer.Deserialize(bytes, ManifestJson.Default.IndexManifest)!;
        }
        catch (JsonException exception)
        {
            throw new IndexFileException(file, exception.BytePositionInLine ?? 0, $"is no manifest: {exception.Message}", exception);
        }
    }

    // Before the rest is read: a later version may have other members.
    private static void ThrowIfOtherFormat(string file, byte[] bytes)
    {
        string? format = null;
        int version = 0;
        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes);
            format = document.RootElement.GetProperty("format").GetString();
            version = document.RootElement.GetProperty("version").GetInt32();
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new IndexFileException(file, 0, "must be a JSON object with a format and a version.", exception);
        }
        if (format != IndexManifest.FormatName)
        {
            throw new IndexFileException(file, HeadLength, $"format must be {IndexManifest.FormatName}; it is {format}.");
        }
        if (version is < 1 or > IndexManifest.CurrentVersion)
        {
            throw new IndexFileException(
                file, HeadLength,
                $"is of format version {version}; this program reads versions 1 to {IndexManifest.CurrentVersion}"
                + (version > IndexManifest.CurrentVersion ? ", and a later one wrote it." : "."));
        }
    }
}
