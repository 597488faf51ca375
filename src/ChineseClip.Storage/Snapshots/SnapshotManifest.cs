using System.Text.Json;
using System.Text.Json.Serialization;

namespace ChineseClip.Storage.Snapshots;

/// <summary>What is stored beside the files of a snapshot, as JSON.</summary>
internal sealed record SnapshotManifest
{
    /// <summary>The format this version writes and the newest that it reads.</summary>
    public const int CurrentFormat = 1;

    public required int Format { get; init; }

    public required string Id { get; init; }

    public required string ShardKey { get; init; }

    public required long Lsn { get; init; }

    public required long Epoch { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required IReadOnlyDictionary<string, string> Properties { get; init; }

    public required IReadOnlyList<SnapshotFile> Files { get; init; }

    public byte[] Encode() => JsonSerializer.SerializeToUtf8Bytes(this, SnapshotManifestJson.Default.SnapshotManifest);

    /// <param name="json">What <see cref="Encode"/> gave; its checksum has been checked.</param>
    /// <param name="path">Where it came from, for messages.</param>
    /// <exception cref="StorageException">Corrupt, or Incompatible when a newer version wrote it.</exception>
    public static SnapshotManifest Decode(ReadOnlySpan<byte> json, string path)
    {
        SnapshotManifest manifest;
        try
        {
            manifest = JsonSerializer.Deserialize(json, SnapshotManifestJson.Default.SnapshotManifest)
                ?? throw new JsonException("it is null.");
        }
        catch (JsonException exception)
        {
            throw new StorageException(
                StorageError.Corrupt, $"'{path}' is not the description of a snapshot: {exception.Message}", path, 0, exception);
        }

        return manifest.Format <= CurrentFormat
            ? manifest
            : throw new StorageException(
                StorageError.Incompatible, $"'{path}' has snapshot format {manifest.Format}; this version reads {CurrentFormat}.", path);
    }

    public SnapshotDescription Describe() => new(
        Id, ShardKey, Lsn, Epoch, CreatedAt, Files.Sum(file => file.Bytes), Properties);

    /// <summary>Newest first: by what is in it, then by when it was made.</summary>
    public static List<SnapshotDescription> NewestFirst(IEnumerable<SnapshotDescription> descriptions) =>
    [
        .. descriptions.OrderByDescending(snapshot => snapshot.Epoch)
            .ThenByDescending(snapshot => snapshot.Lsn)
            .ThenByDescending(snapshot => snapshot.CreatedAt)
            .ThenByDescending(snapshot => snapshot.Id, StringComparer.Ordinal),
    ];
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(SnapshotManifest))]
internal sealed partial class SnapshotManifestJson : JsonSerializerContext;
