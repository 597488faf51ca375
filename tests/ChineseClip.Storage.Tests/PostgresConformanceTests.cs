namespace ChineseClip.Storage.Tests;

/// <summary>Snapshots in the database.</summary>
public sealed class PostgresConformanceTests(PostgresFixture fixture) : PostgresConformance(fixture)
{
    private protected override string? SnapshotDirectory => null;

    private protected override Task DamageSnapshotAsync(OpenedSnapshot snapshot, string file)
    {
        // Without the local copy, so that it must be fetched.
        Directory.Delete(snapshot.Directory, recursive: true);
        return RunAsync(
            "UPDATE chineseclip.chunk SET content = set_byte(content, 3, 1) WHERE content = $1", Logs.Body("content to be damaged"));
    }
}
