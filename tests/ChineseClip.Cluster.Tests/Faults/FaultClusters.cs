using ChineseClip.Cluster.Tests.Processes;
using ChineseClip.Testing;

namespace ChineseClip.Cluster.Tests.Faults;

/// <summary>The two set-ups faults are tried on, with snapshots so frequent that every recovery has one.</summary>
internal static class FaultClusters
{
    private static readonly string[] FrequentSnapshots =
        ["--Snapshots:AfterItems", "200", "--Snapshots:AtStopAfterItems", "1", "--Snapshots:Interval", "00:00:01", "--Logging:LogLevel:Default", "Warning"];

    // Not the host's own address: a network device that comes and goes (NetworkCell) would be taken for it.
    private static readonly string[] Loopback = ["--Cluster:AdvertisedAddress", "127.0.0.1"];

    /// <summary>One process with files.</summary>
    public static SilosUnderTest Files(TemporaryDirectory data) =>
        new([() => ServerProcess.StartAsync(data.Path, FrequentSnapshots)]);

    /// <summary>Several processes with all roles, on PostgreSQL and Redis.</summary>
    public static SilosUnderTest Several(
        int count, TemporaryDirectory data, RedisServer redis, PostgresServer postgres, params string[] settings) =>
        new([.. Enumerable.Range(0, count).Select(index => (Func<Task<ServerProcess>>)(() =>
            ServerProcess.StartAsync(data.Combine($"silo{index}"), [.. Arguments(redis, postgres), .. Loopback, .. FrequentSnapshots, .. settings])))]);

    public static string[] Arguments(RedisServer redis, PostgresServer postgres, string host = "127.0.0.1") =>
    [
        "--Cluster:Membership", "redis",
        "--ConnectionStrings:redis", redis.ConnectionString.Replace("127.0.0.1", host, StringComparison.Ordinal),
        "--Storage:Provider", "postgres",
        "--ConnectionStrings:postgres", postgres.ConnectionString.Replace("127.0.0.1", host, StringComparison.Ordinal),
    ];

    /// <summary>A PostgreSQL of the test's own; absent, the test is skipped with its reason, and fails in CI.</summary>
    public static Task<PostgresServer> StartPostgresAsync()
    {
        if (PostgresServer.MissingReason is { } reason)
        {
            if (Environment.GetEnvironmentVariable("CI") is "true" or "1")
            {
                Assert.Fail(reason);
            }

            Assert.Skip(reason);
        }

        return PostgresServer.StartAsync();
    }
}
