using System.Collections.Concurrent;
using System.Diagnostics;
using ChineseClip.Contracts;

namespace ChineseClip.Cluster.Tests.Faults;

/// <summary>Sends a search every few milliseconds, whether the ones before have been answered or not, and keeps how each one went.</summary>
internal sealed class AvailabilityMeter(ClientFleet fleet, int timeoutMilliseconds, bool allowPartial) : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<Probe> _probes = [];
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private Task _running = Task.CompletedTask;

    public IReadOnlyList<Probe> Probes => [.. _probes.OrderBy(probe => probe.At)];

    public TimeSpan Now => _clock.Elapsed;

    public void Start() => _running = Task.Run(RunAsync);

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        List<Task> searches = [];
        using PeriodicTimer timer = new(Interval);
        while (!_stop.IsCancellationRequested)
        {
            searches.Add(ProbeAsync());
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }

        await Task.WhenAll(searches);
    }

    private async Task ProbeAsync()
    {
        var at = _clock.Elapsed;
        var (answer, code) = await fleet.TrySearchAsync(timeoutMilliseconds, allowPartial);
        var took = _clock.Elapsed - at;
        _probes.Add(new Probe(at, took, answer, code));
    }

    /// <summary>One search.</summary>
    internal sealed record Probe(TimeSpan At, TimeSpan Took, SearchResponse? Answer, string? Code)
    {
        public bool IsWhole => Answer is not null && Answer.ShardsAnswered == Answer.ShardsAsked;
    }
}
