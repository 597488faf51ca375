using ChineseClip.Grains.Configuration;
using ChineseClip.Storage;
using ChineseClip.Storage.Files;
using ChineseClip.Storage.Postgres;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ChineseClip.Grains.Shards;

/// <summary>Opens the storage that the configuration names.</summary>
internal sealed class StorageOpening(IOptions<StorageOptions> options, ILoggerFactory loggers)
{
    public async Task<IShardStorage> OpenAsync(CancellationToken cancellationToken)
    {
        StorageOptions storage = options.Value;
        if (storage.Provider == StorageOptions.Postgres)
        {
            return await PostgresShardStorage.OpenAsync(
                new PostgresStorageOptions
                {
                    ConnectionString = storage.ConnectionString!,
                    CacheDirectory = Path.Combine(storage.Directory, "cache"),
                    Schema = storage.Schema,
                    SnapshotDirectory = storage.SnapshotDirectory,
                    LoggerFactory = loggers,
                },
                cancellationToken);
        }

        // Opening reads and locks files: not on a thread of the host's start.
        FileStorageOptions files = new() { Directory = storage.Directory, SnapshotDirectory = storage.SnapshotDirectory };
        return await Task.Run(() => FileShardStorage.Open(files), cancellationToken);
    }
}
