using System.Diagnostics;
using System.Net.Sockets;
using System.Threading.Channels;

namespace ChineseClip.Cli.Load;

// Open loop: requests are due at times that do not depend on the answers, as users come. Arrivals follow a Poisson process of the given
// rate, drawn from the seed. Each request goes out on the first idle connection; when there is none it waits, and that wait counts: latency is
// measured from when the request was due, so that a server that stops for a second is not excused from the requests of that second.
// A request that could not be sent within the timeout counts as timed out.

/// <summary>Sends requests at a rate, whatever the server does.</summary>
internal sealed class OpenLoop(LoadTarget target, LoadRequests requests, LoadMix mix, int connections)
{
    /// <summary>Runs until the last request that was due within <paramref name="duration"/> has ended.</summary>
    public async Task<LoadOutcome[]> RunAsync(double rate, TimeSpan duration, int seed, CancellationToken cancellationToken)
    {
        Channel<Due> due = Channel.CreateUnbounded<Due>(new UnboundedChannelOptions { SingleWriter = true });
        long start = Stopwatch.GetTimestamp();
        Task<List<LoadOutcome>>[] workers =
            [.. Enumerable.Range(0, connections).Select(_ => Task.Run(() => WorkAsync(due.Reader, start, cancellationToken), cancellationToken))];
        Thread clock = new(() => Tick(due.Writer, rate, duration, seed, start, cancellationToken)) { IsBackground = true, Name = "load clock" };
        clock.Start();
        return [.. (await Task.WhenAll(workers)).SelectMany(outcomes => outcomes)];
    }

    /// <summary>Keeps every connection busy: what the server does when it is never idle and never has more than these at once.</summary>
    public async Task<LoadOutcome[]> RunClosedAsync(TimeSpan duration, int seed, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        Task<List<LoadOutcome>>[] workers = [.. Enumerable.Range(0, connections).Select(worker => Task.Run(
            async () =>
            {
                Random random = new(seed + worker);
                List<LoadOutcome> outcomes = [];
                using Sender sender = new(target.Server, target.Timeout);
                while (Stopwatch.GetElapsedTime(start) is var now && now < duration)
                {
                    LoadKind kind = mix.Next(random);
                    outcomes.Add(await sender.SendAsync(new Due(kind, requests.Pick(kind, random), now), start, cancellationToken));
                }

                return outcomes;
            },
            cancellationToken))];
        return [.. (await Task.WhenAll(workers)).SelectMany(outcomes => outcomes)];
    }

    private void Tick(
        ChannelWriter<Due> writer, double rate, TimeSpan duration, int seed, long start, CancellationToken cancellationToken)
    {
        Random random = new(seed);
        TimeSpan next = TimeSpan.Zero;
        while (!cancellationToken.IsCancellationRequested)
        {
            TimeSpan now = Stopwatch.GetElapsedTime(start);
            for (; next <= now && next < duration; next += TimeSpan.FromSeconds(-Math.Log(1 - random.NextDouble()) / rate))
            {
                LoadKind kind = mix.Next(random);
                writer.TryWrite(new Due(kind, requests.Pick(kind, random), next));
            }

            if (next >= duration)
            {
                break;
            }

            Thread.Sleep(1);
        }

        writer.Complete();
    }

    private async Task<List<LoadOutcome>> WorkAsync(ChannelReader<Due> due, long start, CancellationToken cancellationToken)
    {
        List<LoadOutcome> outcomes = [];
        using Sender sender = new(target.Server, target.Timeout);
        await foreach (Due request in due.ReadAllAsync(cancellationToken))
        {
            outcomes.Add(await sender.SendAsync(request, start, cancellationToken));
        }

        return outcomes;
    }

    private readonly record struct Due(LoadKind Kind, byte[] Bytes, TimeSpan At);

    private sealed class Sender(Uri server, TimeSpan timeout) : IDisposable
    {
        private readonly LoadConnection _connection = new(server);
        private CancellationTokenSource _limit = new();

        public async Task<LoadOutcome> SendAsync(Due request, long start, CancellationToken cancellationToken)
        {
            TimeSpan left = timeout - (Stopwatch.GetElapsedTime(start) - request.At);
            int status = left <= TimeSpan.Zero ? LoadOutcome.TimedOut : await SendAsync(request.Bytes, left);
            cancellationToken.ThrowIfCancellationRequested();
            return new LoadOutcome(request.Kind, request.At, Stopwatch.GetElapsedTime(start) - request.At, status);
        }

        public void Dispose()
        {
            _connection.Dispose();
            _limit.Dispose();
        }

        private async Task<int> SendAsync(byte[] request, TimeSpan left)
        {
            _limit.CancelAfter(left);
            try
            {
                return await _connection.SendAsync(request, _limit.Token);
            }
            catch (OperationCanceledException)
            {
                return LoadOutcome.TimedOut;
            }
            catch (Exception exception) when (exception is IOException or SocketException)
            {
                return LoadOutcome.Failed;
            }
            finally
            {
                if (!_limit.TryReset())
                {
                    _limit.Dispose();
                    _limit = new CancellationTokenSource();
                }
            }
        }
    }
}
