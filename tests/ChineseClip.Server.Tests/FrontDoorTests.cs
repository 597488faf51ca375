using System.Diagnostics.Metrics;
using ChineseClip.Server.Gateway;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.Extensions.Time.Testing;

namespace ChineseClip.Server.Tests;

/// <summary>What the door lets in, what it counts, and what makes it narrower.</summary>
public sealed class FrontDoorTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    public void Dispose() => _services.Dispose();

    [Theory]
    [InlineData("POST", "/v1/collections/c/search", true)]
    [InlineData("POST", "/v1/collections/c/Search/", true)]
    [InlineData("POST", "/v1/collections/c/recommend", true)]
    [InlineData("PUT", "/v1/collections/c/items", true)]
    [InlineData("POST", "/v1/collections/c/items:delete", true)]
    [InlineData("POST", "/v1/collections/c/search:batch", false)]
    [InlineData("GET", "/v1/collections/search", false)]
    [InlineData("PUT", "/v1/collections/items", true)]    // a collection called items: bounded needlessly, and harmlessly
    public void Requests_AreBoundedByTheirKind(string method, string path, bool isAdaptive)
    {
        FrontDoor door = Door(100);

        Assert.Null(door.Enter(Request(method, path), out Ticket? ticket));

        Assert.NotNull(ticket);
        Assert.Equal(isAdaptive, ticket.Limit is not null);
        Assert.Equal(1, door.InFlight);
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/metrics")]
    [InlineData("/v1x/collections")]
    public void WhatIsNotUnderV1_IsNeverRefused(string path)
    {
        FrontDoor door = Door(1);
        door.Enter(Request("GET", "/v1/models"), out _);

        Assert.Null(door.Enter(Request("GET", path), out Ticket? ticket));

        Assert.Null(ticket);
        Assert.NotNull(door.Enter(Request("GET", "/v1/models"), out _));
    }

    [Fact]
    public void Refused_LeavesNothingBehind()
    {
        FrontDoor door = Door(2);
        IFeatureCollection first = Request("POST", "/v1/collections/c/search");
        door.Enter(first, out Ticket? ticket);
        door.Enter(Request("GET", "/v1/cluster"), out _);
        for (int i = 0; i < 1000; i++)
        {
            Assert.NotNull(door.Enter(Request("POST", "/v1/collections/c/search"), out Ticket? none));
            Assert.Null(none);
        }

        door.Leave(ticket!, first);

        Assert.Equal(1, door.InFlight);
        Assert.Null(door.Enter(Request("POST", "/v1/collections/c/search"), out _));
    }

    [Theory]
    [InlineData(200, 10, null, false, true)]      // in time: room for more
    [InlineData(200, 900, null, false, false)]    // beyond the target
    [InlineData(200, 60, 100, false, false)]      // beyond half of the caller's own time
    [InlineData(504, 10, null, false, false)]
    [InlineData(429, 10, null, false, false)]     // a queue further on was full
    [InlineData(200, 10, null, true, false)]      // its caller has gone
    public void AnswersInTime_WidenTheDoor_AndOthersNarrowIt(
        int status, int milliseconds, int? timeout, bool isAborted, bool widens)
    {
        FrontDoor door = Door(100_000);
        int before = Flood(door, status, milliseconds, timeout, isAborted);

        Flood(door, status, milliseconds, timeout, isAborted);    // ends a window, so that the law looks
        int after = Flood(door, status, milliseconds, timeout, isAborted);

        Assert.True(widens ? after > before : after < before, $"{before} were let in at first, {after} then.");
    }

    [Fact]
    public void WhileSearchesAreRefused_WritesAreLetInInNoGreaterPart()
    {
        FrontDoor door = Door(100_000);
        List<(Ticket Ticket, IFeatureCollection Features, long DoneAt)> inside = [];
        int[] asked = new int[2], letIn = new int[2];
        for (int millisecond = 0; millisecond < 20_000; millisecond++)
        {
            for (int request = 0; request < 10; request++)    // 2 writes in 10, far more than are done in time
            {
                int kind = request < 2 ? 1 : 0;
                IFeatureCollection features = kind == 1
                    ? Request("PUT", "/v1/collections/c/items")
                    : Request("POST", "/v1/collections/c/search");
                bool isCounted = millisecond >= 10_000;
                asked[kind] += isCounted ? 1 : 0;
                if (door.Enter(features, out Ticket? ticket) is null)
                {
                    letIn[kind] += isCounted ? 1 : 0;
                    inside.Add((ticket!, features, millisecond + 60));    // 60 ms each: writes have room for more than their part
                }
            }

            _time.Advance(TimeSpan.FromMilliseconds(1));
            foreach ((Ticket ticket, IFeatureCollection features, _) in inside.Where(done => done.DoneAt <= millisecond))
            {
                features.Get<IHttpResponseFeature>()!.StatusCode = 429;    // late: the limits stay where they are lowest
                door.Leave(ticket, features);
            }

            inside.RemoveAll(done => done.DoneAt <= millisecond);
        }

        double searches = (double)letIn[0] / asked[0];
        double writes = (double)letIn[1] / asked[1];
        Assert.InRange(searches, 0.01, 0.5);
        Assert.InRange(writes, 0.8 * searches, 1.1 * searches);
    }

    [Fact]
    public void WhileSearchesAreStuck_WritesGoOn()
    {
        FrontDoor door = Door(100_000);
        int refused = 0;
        for (int i = 0; i < 20; i++)
        {
            Write(door);    // so many that a part of them is more than none
        }

        for (int millisecond = 0; millisecond < 30_000; millisecond += 10)
        {
            door.Enter(Request("POST", "/v1/collections/c/search"), out _);    // none of them ends
            refused += millisecond % 100 == 0 && !Write(door) ? 1 : 0;
            _time.Advance(TimeSpan.FromMilliseconds(10));
        }

        Assert.Equal(0, refused);

        static bool Write(FrontDoor door)
        {
            IFeatureCollection features = Request("PUT", "/v1/collections/c/items");
            bool isLetIn = door.Enter(features, out Ticket? ticket) is null;
            if (ticket is not null)
            {
                door.Leave(ticket, features);
            }

            return isLetIn;
        }
    }

    [Fact]
    public void WhatItsCallerMayNotAskFor_TellsNothing()
    {
        FrontDoor door = Door(100_000);
        int before = Flood(door, status: 429, milliseconds: 10, timeout: null, isAborted: false, tellsNothing: true);
        Flood(door, status: 429, milliseconds: 10, timeout: null, isAborted: false, tellsNothing: true);

        Assert.Equal(before, Flood(door, status: 429, milliseconds: 10, timeout: null, isAborted: false, tellsNothing: true));
    }

    [Theory]
    [InlineData(100, false, false)]
    [InlineData(1_000_000, false, true)]    // as much of it as has come lies in memory
    [InlineData(null, true, true)]
    public void ManyRefusals_AreHeld_UnlessTheyHoldMuch(int? length, bool isChunked, bool isAtOnce)
    {
        FrontDoor door = Door(100_000);
        for (int i = 0; i < 10_000; i++)
        {
            _ = door.WhenRefused(Request("PUT", "/v1/collections/c/items"));
        }

        IFeatureCollection features = Request("PUT", "/v1/collections/c/items");
        features.Get<IHttpRequestFeature>()!.Headers.ContentLength = length;
        features.Get<IHttpRequestFeature>()!.Headers.TransferEncoding = isChunked ? "chunked" : default(StringValues);

        Assert.Equal(isAtOnce, door.WhenRefused(features).IsCompleted);
    }

    [Fact]
    public void WritesAlone_AreBoundedByTheirOwnLimitOnly()
    {
        FrontDoor door = Door(100_000);
        int letIn = 0;
        while (door.Enter(Request("PUT", "/v1/collections/c/items"), out _) is null)
        {
            letIn++;
        }

        Assert.True(letIn >= 32, $"{letIn} were let in.");
    }

    [Fact]
    public void WrongRequests_TellNothing()
    {
        FrontDoor door = Door(100_000);
        int before = Flood(door, status: 400, milliseconds: 900, timeout: null, isAborted: false);
        Flood(door, status: 400, milliseconds: 900, timeout: null, isAborted: false);

        Assert.Equal(before, Flood(door, status: 400, milliseconds: 900, timeout: null, isAborted: false));
    }

    /// <summary>Fills the door with searches that all take so long; gives how many were let in.</summary>
    private int Flood(FrontDoor door, int status, int milliseconds, int? timeout, bool isAborted, bool tellsNothing = false)
    {
        List<(Ticket Ticket, IFeatureCollection Features)> inside = [];
        IFeatureCollection request;
        while (door.Enter(request = Request("POST", "/v1/collections/c/search"), out Ticket? ticket) is null)
        {
            ticket!.Timeout = timeout is { } limit ? TimeSpan.FromMilliseconds(limit) : null;
            ticket.TellsNothing = tellsNothing;
            inside.Add((ticket, request));
        }

        _time.Advance(TimeSpan.FromMilliseconds(milliseconds));
        foreach ((Ticket ticket, IFeatureCollection features) in inside)
        {
            features.Get<IHttpResponseFeature>()!.StatusCode = status;
            features.Set<IHttpRequestLifetimeFeature>(new HttpRequestLifetimeFeature { RequestAborted = new CancellationToken(isAborted) });
            door.Leave(ticket, features);
        }

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, door.InFlight);
        return inside.Count;
    }

    private FrontDoor Door(int maxConcurrentRequests) => new(
        Options.Create(new GatewayOptions { MaxConcurrentRequests = maxConcurrentRequests }),
        _time,
        _services.GetRequiredService<IMeterFactory>());

    private static FeatureCollection Request(string method, string path)
    {
        FeatureCollection features = new();
        features.Set<IHttpRequestFeature>(new HttpRequestFeature { Method = method, Path = path });
        features.Set<IHttpResponseFeature>(new HttpResponseFeature());
        return features;
    }
}
