using System.Text.Json.Serialization;

namespace ChineseClip.Vectors.Persistence;

/// <summary>What the manifest of a snapshot says: the parameters, and every file with its length and checksum.</summary>
internal sealed record IndexManifest
{
    public const string FormatName = "chineseclip-hnsw";

    public const int CurrentVersion = 3;

    /// <summary>Since when there are the directions of the sketches, and sketches along them.</summary>
    public const int FirstVersionWithDirections = 3;

    public required string Format { get; init; }

    public required int Version { get; init; }

    /// <summary>Of the snapshot.</summary>
    public required Guid Id { get; init; }

    public required HnswParameters Parameters { get; init; }

    public required IReadOnlyDictionary<string, long> Numbers { get; init; }

    public required IReadOnlyList<ManifestTable> Tables { get; init; }

    public required ManifestFile Lists { get; init; }

    /// <summary>Where each list lies in the file of the lists.</summary>
    public required IReadOnlyDictionary<string, ManifestRange> ListRanges { get; init; }
}

/// <summary>A table of rows, cut in chunks: file i holds the rows from i × ChunkRows on, as they lie in memory (little-endian).</summary>
internal sealed record ManifestTable(string Name, int RowBytes, int ChunkRows, int Rows, IReadOnlyList<ManifestFile> Chunks);

/// <summary>Checksum: XxHash128 of all bytes, 32 hexadecimal digits.</summary>
internal sealed record ManifestFile(string Name, int Bytes, string Checksum);

internal readonly record struct ManifestRange(int Offset, int Bytes);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, WriteIndented = true,
    RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(IndexManifest))]
internal sealed partial class ManifestJson : JsonSerializerContext;
