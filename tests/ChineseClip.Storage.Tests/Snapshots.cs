namespace ChineseClip.Storage.Tests;

/// <summary>Shorthand for tests of snapshots.</summary>
internal static class Snapshots
{
    public static async Task<SnapshotDescription> PublishAsync(
        IShardStorage storage, IShardLog log, long lsn, params (string Name, string Content)[] files)
    {
        string work = await WriteAsync(storage, log.ShardKey, files);
        return await storage.Snapshots.PublishAsync(
            log.ShardKey, log.Epoch, lsn, work, new Dictionary<string, string> { ["itemCount"] = $"{lsn}" }, Logs.Token);
    }

    public static async Task<string> WriteAsync(IShardStorage storage, string shardKey, params (string Name, string Content)[] files)
    {
        string work = storage.Snapshots.CreateWorkDirectory(shardKey);
        foreach ((string name, string content) in files)
        {
            string path = Path.Combine(work, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllTextAsync(path, content, Logs.Token);
        }

        return work;
    }

    /// <summary>Where it lay, now that nobody holds it.</summary>
    public static string DisposedDirectory(this OpenedSnapshot snapshot)
    {
        snapshot.Dispose();
        return snapshot.Directory;
    }
}
