using ChineseClip.Testing;

[assembly: AssemblyFixture(typeof(ChineseClip.Storage.Tests.PostgresFixture))]

namespace ChineseClip.Storage.Tests;

/// <summary>One PostgreSQL for all tests that do not harm it, started by the first that asks.</summary>
public sealed class PostgresFixture : IAsyncDisposable
{
    private readonly Lazy<Task<PostgresServer>> _server = new(() => PostgresServer.StartAsync());

    public Task<PostgresServer> GetAsync()
    {
        Require();
        return _server.Value;
    }

    /// <summary>Without PostgreSQL the test is skipped; in CI it fails.</summary>
    public static void Require()
    {
        if (PostgresServer.MissingReason is { } reason)
        {
            Assert.False(Environment.GetEnvironmentVariable("CI") is "true" or "1", reason);
            Assert.Skip(reason);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_server.IsValueCreated)
        {
            await (await _server.Value).DisposeAsync();
        }
    }
}
