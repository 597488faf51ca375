using ChineseClip.Storage.Postgres;
using ChineseClip.Testing;
using Npgsql;

namespace ChineseClip.Storage.Tests;

/// <summary>The contract, kept by PostgreSQL; "processes" are storages with pools of their own.</summary>
public abstract class PostgresConformance(PostgresFixture fixture) : StorageConformance
{
    private readonly string _directory = Directory.CreateTempSubdirectory("chineseclip-conformance-").FullName;

    private PostgresServer? _server;

    private protected string DirectoryOfTest => _directory;

    private protected abstract string? SnapshotDirectory { get; }

    public override async ValueTask InitializeAsync() => _server = await fixture.GetAsync();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
        GC.SuppressFinalize(this);
    }

    private protected override bool IsShared => true;

    private protected override async Task<IShardStorage> OpenAsync() => await PostgresShardStorage.OpenAsync(
        new PostgresStorageOptions
        {
            ConnectionString = _server!.ConnectionString,
            CacheDirectory = Path.Combine(_directory, "cache"),
            SnapshotDirectory = SnapshotDirectory,
            PollInterval = TimeSpan.FromMinutes(1), // so that readers depend on the notifications
        },
        Logs.Token);

    private protected override Task DamageRecordAsync(string shardKey, string bodyOfRecord) => RunAsync(
        "UPDATE chineseclip.log_record SET body = set_byte(body, 1, 1) WHERE body = $1", Logs.Body(bodyOfRecord));

    private protected override Task DamageManifestAsync(string shardKey, string snapshotId) => RunAsync(
        "UPDATE chineseclip.snapshot SET manifest = set_byte(manifest, 40, 1) WHERE snapshot_id = $1", snapshotId);

    private protected async Task RunAsync(string sql, object parameter)
    {
        await using NpgsqlDataSource source = NpgsqlDataSource.Create(_server!.ConnectionString);
        await using NpgsqlCommand command = source.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        Assert.Equal(1, await command.ExecuteNonQueryAsync(Logs.Token));
    }
}
