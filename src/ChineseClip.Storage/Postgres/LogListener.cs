using System.Collections.Concurrent;
using System.Globalization;
using Npgsql;

namespace ChineseClip.Storage.Postgres;

/// <summary>Hears of appends from other processes over one connection, and wakes the readers of this process.</summary>
/// <remarks>
/// Begins with the first reader that waits. While the connection is down it is tried again with growing pauses; readers poll meanwhile.
/// Threads: safe.
/// </remarks>
internal sealed class LogListener(PostgresDatabase database) : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stopping = new();

    private readonly ConcurrentDictionary<long, Waiters> _waiters = new();

    private readonly Lock _gate = new();

    private Task? _listening;

    /// <summary>Completes at the next word of the shard; ask before looking whether there is something already.</summary>
    public Task NextAsync(long shardId)
    {
        lock (_gate)
        {
            _listening ??= Task.Run(ListenAsync, CancellationToken.None);
        }

        return _waiters.GetOrAdd(shardId, _ => new Waiters()).Next;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        if (_listening is not null)
        {
            await _listening.ConfigureAwait(false);
        }

        _stopping.Dispose();
    }

    private async Task ListenAsync()
    {
        TimeSpan pause = FirstPause;
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await using NpgsqlConnection connection = await database.Source.OpenConnectionAsync(_stopping.Token).ConfigureAwait(false);
                connection.Notification += (_, notification) => Hear(notification.Payload);
                await using (NpgsqlCommand command = database.Command(connection, $"LISTEN {database.Channel}"))
                {
                    _ = await command.ExecuteNonQueryAsync(_stopping.Token).ConfigureAwait(false);
                }

                database.Logger.ListenerConnected();
                pause = FirstPause;
                WakeAll(); // what came before the LISTEN was not heard
                while (true)
                {
                    await connection.WaitAsync(_stopping.Token).ConfigureAwait(false);
                }
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception) when (PostgresErrors.IsDatabaseError(exception))
            {
                database.Logger.ListenerLost(exception);
                await Task.Delay(pause, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }

    private void Hear(string payload)
    {
        int colon = payload.IndexOf(':', StringComparison.Ordinal);
        if (colon > 0
            && long.TryParse(payload.AsSpan(0, colon), CultureInfo.InvariantCulture, out long shardId)
            && _waiters.TryGetValue(shardId, out Waiters? waiters))
        {
            waiters.Wake();
        }
    }

    private void WakeAll()
    {
        foreach (Waiters waiters in _waiters.Values)
        {
            waiters.Wake();
        }
    }

    private sealed class Waiters
    {
        private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Next => Volatile.Read(ref _next).Task;

        public void Wake() =>
            Interlocked.Exchange(ref _next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }
}
