using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace ChineseClip.Server.Gateway;

// Why here. Under five times what a server can do, four of five requests are refused, and what refusing costs is taken from the rest: a
// refusal must cost a twentieth of an answer. Behind routing, telemetry, keys and JSON it cost a seventh. So it is decided from the method
// and the path alone, before the request has a context, and answered with bytes that were made beforehand; it is counted and not logged.

/// <summary>Lets as much of <c>/v1</c> in at once as can be worked on, and refuses the rest before anything is done for it.</summary>
/// <remarks>Threads: safe.</remarks>
internal sealed class FrontDoor
{
    // Work may be slow for another reason than too much of it, such as a shard that moves: so many at once do no harm.
    private const int FloorPerProcessor = 8;
    private const int LeastFloor = 64;

    // A write costs more than a search: of a mix of both, under overload, it shall not take more than half of the processor.
    private const int SearchesPerWrite = 2;

    // So few writes harm no search; and when no search is let in because those inside are stuck, writes go on.
    private const int WritesAtOnceInAnyCase = 4;

    // What is held holds its body, as much of it as has come.
    private const long LargestBodyHeld = 64 * 1024;

    private readonly GatewayOptions _options;
    private readonly TimeProvider _time;
    private readonly AdaptiveLimit _searches;
    private readonly AdaptiveLimit _writes;
    private readonly RecentShare _searchesLetIn;
    private readonly RecentShare _writesLetIn;
    private readonly RefusalPace _pace;
    private readonly Counter<long> _refusals;
    private readonly Refusal _tooManyRequests;
    private readonly Refusal _tooManySearches;
    private readonly Refusal _tooManyWrites;
    private int _inFlight;

    public FrontDoor(IOptions<GatewayOptions> options, TimeProvider time, IMeterFactory meters)
    {
        _options = options.Value;
        _time = time;
        _pace = new RefusalPace(time);
        _searchesLetIn = new RecentShare(time);
        _writesLetIn = new RecentShare(time);
        int floor = Math.Max(LeastFloor, FloorPerProcessor * Environment.ProcessorCount);
        _searches = new AdaptiveLimit(floor, _options.MaxConcurrentRequests, time);
        _writes = new AdaptiveLimit(floor / SearchesPerWrite, _options.MaxConcurrentRequests, time);
        Meter meter = meters.Create(ServerTelemetry.Name);
        _refusals = meter.CreateCounter<long>("chineseclip.http.refusals", "{request}", "Requests refused because there was too much to do.");
        meter.CreateObservableGauge("chineseclip.http.active", () => InFlight, "{request}", "Requests under /v1 that are worked on.");
        _tooManyRequests = new Refusal(
            "requests", $"{_options.MaxConcurrentRequests} requests are being worked on (Gateway:MaxConcurrentRequests).");
        _tooManySearches = new Refusal("searches", "As many searches are being worked on as are answered within Gateway:TargetLatency.");
        _tooManyWrites = new Refusal("writes", "As many writes are being worked on as are answered within Gateway:TargetLatency.");
    }

    /// <summary>Requests under <c>/v1</c> that were let in and are not done.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Lets a request in, or says why not.</summary>
    /// <param name="features">The request, of which only the line is read.</param>
    /// <param name="ticket">To be given back when the request is done; null when it is none that is bounded, or refused.</param>
    public Refusal? Enter(IFeatureCollection features, out Ticket? ticket)
    {
        ticket = null;
        IHttpRequestFeature request = features.GetRequiredFeature<IHttpRequestFeature>();
        if (!request.Path.StartsWith("/v1/", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        if (Interlocked.Increment(ref _inFlight) > _options.MaxConcurrentRequests)
        {
            return Refuse(_tooManyRequests);
        }

        AdaptiveLimit? limit = LimitOf(request);
        bool isLetIn = limit is null || TryEnter(limit);
        if (!isLetIn)
        {
            return Refuse(limit == _searches ? _tooManySearches : _tooManyWrites);
        }

        ticket = new Ticket(limit, features.Get<ArrivalPipe>()?.LetIn() ?? _time.GetTimestamp());
        features.Set(ticket);
        return null;
    }

    /// <summary>To be awaited before the refusal of a request is sent.</summary>
    public Task WhenRefused(IFeatureCollection features)
    {
        IHeaderDictionary headers = features.GetRequiredFeature<IHttpRequestFeature>().Headers;
        return headers.ContentLength > LargestBodyHeld || headers.TransferEncoding.Count > 0
            ? Task.CompletedTask
            : _pace.Next(features.Get<ArrivalPipe>()?.ArrivedAt ?? _time.GetTimestamp());
    }

    /// <summary>A request that was let in is done.</summary>
    public void Leave(Ticket ticket, IFeatureCollection features)
    {
        features.Get<ArrivalPipe>()?.Leave();
        ticket.Limit?.Leave(ticket.EnteredAt, IsLate(ticket, features));
        Interlocked.Decrement(ref _inFlight);
    }

    /// <summary>Writes are let in as far as there is room for them, and in no greater part than searches; a few in any case.</summary>
    private bool TryEnter(AdaptiveLimit limit)
    {
        bool isWrite = limit == _writes;
        bool isLetIn = (!isWrite || MayWrite()) && limit.TryEnter();
        (isWrite ? _writesLetIn : _searchesLetIn).Count(isLetIn);
        return isLetIn;
    }

    private bool MayWrite() => _writes.InFlight < WritesAtOnceInAnyCase || _writesLetIn.IsAtMost(_searchesLetIn.Value);

    private Refusal Refuse(Refusal refusal)
    {
        Interlocked.Decrement(ref _inFlight);
        _refusals.Add(1, refusal.Tag);
        return refusal;
    }

    private AdaptiveLimit? LimitOf(IHttpRequestFeature request)
    {
        ReadOnlySpan<char> path = request.Path.AsSpan().TrimEnd('/');
        ReadOnlySpan<char> last = path[(path.LastIndexOf('/') + 1)..];
        return request.Method switch
        {
            "POST" when Is(last, "search") || Is(last, "recommend") => _searches,
            "POST" when Is(last, "items:delete") => _writes,
            "PUT" when Is(last, "items") => _writes,
            _ => null,
        };

        static bool Is(ReadOnlySpan<char> last, string name) => last.Equals(name, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>
    /// Late is beyond the target, or beyond half of what the caller gives, or an answer that nobody waited for; unknown when nothing was
    /// done, as for a wrong request or one beyond what its caller may ask for.
    /// </summary>
    private bool? IsLate(Ticket ticket, IFeatureCollection features)
    {
        if (ticket.TellsNothing)
        {
            return null;
        }

        int status = features.GetRequiredFeature<IHttpResponseFeature>().StatusCode;
        if (status is StatusCodes.Status429TooManyRequests or StatusCodes.Status504GatewayTimeout
            || features.Get<IHttpRequestLifetimeFeature>()?.RequestAborted.IsCancellationRequested == true)
        {
            return true;
        }

        TimeSpan bearable = ticket.Timeout / 2 is { } half && half < _options.TargetLatency ? half : _options.TargetLatency;
        return status < StatusCodes.Status400BadRequest ? _time.GetElapsedTime(ticket.EnteredAt) > bearable : null;
    }
}
