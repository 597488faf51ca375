using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using ChineseClip.Cli.Bench;

namespace ChineseClip.Cli.Load;

// Open loop: requests are due at times that do not depend on the answers, as users come. Arrivals follow a Poisson process of the given
// rate, drawn from the seed. Each request goes out on an idle connection, or on a new one; when all there may be are busy it waits, and that
// wait counts: latency is measured from when the request was due, so that a server that stops for a second is not excused from the requests
// of that second. A request that could not be sent within half of the timeout counts as timed out and is not sent: nobody would wait for it.

/// <summary>Sends requests at a rate, whatever the server does.</summary>
internal sealed class OpenLoop(LoadTarget target, LoadRequests requests, LoadMix mix, int connections)
{
    /// <summary>Runs until the last request that was due within <paramref name="duration"/> has ended.</summary>
    public async Task<LoadResult> RunAsync(double rate, TimeSpan duration, int seed, CancellationToken cancellationToken)
    {
        double cpuSeconds = CpuClock.ProcessSeconds;
        using Run run = new(target, connections, cancellationToken);
        Thread clock = new(() => Tick(run, rate, duration, seed)) { IsBackground = true, Name = "load clock" };
        clock.Start();
        LoadOutcome[] outcomes = await run.Done;
        return new LoadResult(
            outcomes, GeneratorEffort.Of(outcomes, run.Elapsed, CpuClock.ProcessSeconds - cpuSeconds, run.ConnectionsOpened));
    }

    /// <summary>Keeps every connection busy: what the server does when it is never idle and never has more than these at once.</summary>
    public async Task<LoadResult> RunClosedAsync(int connections, TimeSpan duration, int seed, CancellationToken cancellationToken)
    {
        double cpuSeconds = CpuClock.ProcessSeconds;
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
                    outcomes.Add(await sender.SendAsync(new Due(kind, requests.Pick(kind, random), now), start, wasPrompt: false));
                    cancellationToken.ThrowIfCancellationRequested();
                }

                return outcomes;
            },
            cancellationToken))];
        LoadOutcome[] all = [.. (await Task.WhenAll(workers)).SelectMany(outcomes => outcomes)];
        TimeSpan wall = Stopwatch.GetElapsedTime(start);
        return new LoadResult(all, GeneratorEffort.Of(all, wall, CpuClock.ProcessSeconds - cpuSeconds, connections));
    }

    private void Tick(Run run, double rate, TimeSpan duration, int seed)
    {
        Random random = new(seed);
        TimeSpan next = TimeSpan.Zero;
        while (next < duration && !run.IsCancelled)
        {
            for (TimeSpan now = run.Elapsed; next <= now && next < duration; next += TimeSpan.FromSeconds(-Math.Log(1 - random.NextDouble()) / rate))
            {
                LoadKind kind = mix.Next(random);
                run.Take(new Due(kind, requests.Pick(kind, random), next));
            }

            Thread.Sleep(1);
        }

        run.Complete();
    }

    private readonly record struct Due(LoadKind Kind, byte[] Bytes, TimeSpan At);

    /// <summary>The connections of one run, and what waits for them.</summary>
    private sealed class Run(LoadTarget target, int connections, CancellationToken cancellationToken) : IDisposable
    {
        private readonly long _start = Stopwatch.GetTimestamp();
        private readonly Lock _lock = new();
        private readonly Stack<Sender> _idle = new();
        private readonly Queue<Due> _waiting = new();
        private readonly ConcurrentQueue<LoadOutcome> _outcomes = new();
        private readonly TaskCompletionSource<LoadOutcome[]> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _opened;
        private bool _isComplete;

        public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_start);

        public bool IsCancelled => cancellationToken.IsCancellationRequested;

        public Task<LoadOutcome[]> Done => _done.Task;

        /// <summary>When it is done.</summary>
        public int ConnectionsOpened => _idle.Sum(sender => sender.ConnectionsOpened);

        public void Take(Due request)
        {
            Sender? sender;
            lock (_lock)
            {
                if (!_idle.TryPop(out sender))
                {
                    if (_opened == connections)
                    {
                        _waiting.Enqueue(request);
                        return;
                    }

                    _opened++;
                    sender = new Sender(target.Server, target.Timeout);
                }
            }

            _ = Task.Run(() => WorkAsync(sender, request), CancellationToken.None);
        }

        public void Complete()
        {
            lock (_lock)
            {
                _isComplete = true;
                EndWhenIdle();
            }
        }

        public void Dispose()
        {
            while (_idle.TryPop(out Sender? sender))
            {
                sender.Dispose();
            }
        }

        private async Task WorkAsync(Sender sender, Due request)
        {
            for (bool wasPrompt = true; ; wasPrompt = false)
            {
                _outcomes.Enqueue(await sender.SendAsync(request, _start, wasPrompt));
                lock (_lock)
                {
                    if (IsCancelled || !_waiting.TryDequeue(out request))
                    {
                        _idle.Push(sender);
                        EndWhenIdle();
                        return;
                    }
                }
            }
        }

        private void EndWhenIdle()
        {
            if (_isComplete && _idle.Count == _opened)
            {
                _ = IsCancelled ? _done.TrySetCanceled(cancellationToken) : _done.TrySetResult([.. _outcomes]);
            }
        }
    }

    private sealed class Sender(Uri server, TimeSpan timeout) : IDisposable
    {
        private readonly LoadConnection _connection = new(server);
        private CancellationTokenSource _limit = new();

        public int ConnectionsOpened => _connection.OpenedCount;

        /// <summary>Sends a request; <paramref name="wasPrompt"/> says whether it found a connection when it was due.</summary>
        public async Task<LoadOutcome> SendAsync(Due request, long start, bool wasPrompt)
        {
            TimeSpan lag = Stopwatch.GetElapsedTime(start) - request.At;
            bool isSent = lag < timeout / 2;
            int status = isSent ? await SendAsync(request.Bytes, timeout - lag) : LoadOutcome.TimedOut;
            return new LoadOutcome(request.Kind, request.At, Stopwatch.GetElapsedTime(start) - request.At, status)
            {
                Lag = wasPrompt ? lag : null,
                WasSent = isSent,
            };
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
