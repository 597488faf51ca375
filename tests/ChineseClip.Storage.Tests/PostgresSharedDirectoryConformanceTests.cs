namespace ChineseClip.Storage.Tests;

/// <summary>Snapshots in a shared directory, described in the database.</summary>
public sealed class PostgresSharedDirectoryConformanceTests(PostgresFixture fixture) : PostgresConformance(fixture)
{
    private protected override string? SnapshotDirectory => Path.Combine(DirectoryOfTest, "volume");

    private protected override async Task DamageSnapshotAsync(OpenedSnapshot snapshot, string file)
    {
        string path = Path.Combine(snapshot.Directory, file);
        byte[] content = await File.ReadAllBytesAsync(path, Logs.Token);
        content[3] ^= 1;
        await File.WriteAllBytesAsync(path, content, Logs.Token);
    }
}
