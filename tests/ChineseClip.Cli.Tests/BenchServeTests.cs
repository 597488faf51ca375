using System.Text;
using System.Text.Json;
using ChineseClip.Cli.Load;

namespace ChineseClip.Cli.Tests;

/// <summary>The load generator: what it sends, how it reads answers, and what it makes of them.</summary>
public sealed class BenchServeTests
{
    [Fact]
    public async Task Serve_EveryKindOfRequest_IsAnsweredAndCounted()
    {
        await using CliProcess process = CliProcess.Start(
            "serve", "--urls", "http://127.0.0.1:0", "--data", TestHome.NewDirectory(), "--Logging:LogLevel:Default", "Warning");
        string server = (await process.ServingAsync()).AbsoluteUri;
        (await CliRun.OfAsync("collection", "create", "load", "--model", "demo", "--shards", "2", "--server", server)).Done();

        JsonElement report = (await CliRun.OfAsync(
            "bench", "serve", "--collection", "load", "--server", server, "--rate", "60", "--duration", "1", "--timeout", "60000",
            "--mix", "vector:2,text,image,put:2,delete", "--json")).Done().Json();

        int requests = report.GetProperty("requests").GetInt32();
        Assert.InRange(requests, 20, 120);
        Assert.Equal(requests, report.GetProperty("statuses").GetProperty("200").GetInt32());
        Assert.Equal(
            ["delete", "image", "put", "text", "vector"], report.GetProperty("byKindMs").EnumerateObject().Select(kind => kind.Name).Order());
        Assert.True(report.GetProperty("latencyMs").GetProperty("p99").GetDouble() > 0);
    }

    [Fact]
    public async Task Overload_ReportsPeakGoodputMemoryAndRecovery_AndLeavesNothingAtWork()
    {
        await using CliProcess process = CliProcess.Start(
            "serve", "--urls", "http://127.0.0.1:0", "--data", TestHome.NewDirectory(), "--Logging:LogLevel:Default", "Warning");
        string server = (await process.ServingAsync()).AbsoluteUri;
        (await CliRun.OfAsync("collection", "create", "load", "--model", "demo", "--shards", "2", "--server", server)).Done();

        JsonElement report = (await CliRun.OfAsync(
            "bench", "serve", "--collection", "load", "--server", server, "--overload", "5", "--seconds", "1", "--timeout", "60000",
            "--mix", "text:2,vector:2,put", "--json")).Done().Json();

        JsonElement overload = report.GetProperty("overload");
        int requests = overload.GetProperty("requests").GetInt32();
        Dictionary<string, int> statuses = overload.GetProperty("statuses").EnumerateObject()
            .ToDictionary(status => status.Name, status => status.Value.GetInt32());
        Assert.Equal(requests, statuses.Values.Sum());
        Assert.All(statuses.Keys, status => Assert.Contains(status, (string[])["200", "429"]));
        Assert.True(statuses["200"] > 0);
        Assert.True(report.GetProperty("peakPerSecond").GetDouble() > 1);
        Assert.True(report.GetProperty("memoryBytesBefore").GetInt64() > 0);
        Assert.True(report.GetProperty("memoryBytesLargest").GetInt64() >= report.GetProperty("memoryBytesBefore").GetInt64() / 2);
        Assert.True(report.GetProperty("serverProcessors").GetInt32() >= 1);
        Assert.True(overload.GetProperty("serverCores").GetDouble() > 0);
        Assert.Equal(0, report.GetProperty("activeRequestsAfter").GetInt32());
        Assert.Equal("text:2,vector:2,put", report.GetProperty("mix").GetString());
        JsonElement generator = overload.GetProperty("generator");
        Assert.True(generator.GetProperty("cpuMicrosecondsPerRequest").GetDouble() > 0);
        Assert.InRange(generator.GetProperty("connectionsOpened").GetInt32(), 1, 1024);
    }

    [Fact]
    public void Gauges_AreReadFromMetrics() => Assert.Equal(
        new ServerSample(211210240, 2.5, 1, 3),
        ServerGauges.Parse("""
            # TYPE chineseclip_http_active gauge
            chineseclip_http_active{otel_scope_name="ChineseClip.Server"} 3
            dotnet_process_cpu_count 1
            dotnet_process_cpu_time_seconds_total{cpu_mode="user"} 1.5
            dotnet_process_cpu_time_seconds_total{cpu_mode="system"} 1 1700000000
            dotnet_process_memory_working_set_bytes{otel_scope_name="System.Runtime"} 211210240
            dotnet_process_memory_working_set_bytes_of_another 7
            """));

    [Fact]
    public void Effort_ARequestThatWaitedForAConnection_IsNotTheGeneratorsLag()
    {
        LoadOutcome[] outcomes =
        [
            Outcome(0, 1) with { Lag = TimeSpan.FromMilliseconds(2) },
            Outcome(0, 1) with { Lag = null },
            Outcome(0, 1, LoadOutcome.TimedOut) with { WasSent = false },
        ];

        GeneratorEffort effort = GeneratorEffort.Of(outcomes, TimeSpan.FromSeconds(2), cpuSeconds: 0.3, connectionsOpened: 5);

        Assert.Equal((0.15, 100_000.0, 5, 1, 2.0, false), (
            effort.Cores, effort.CpuMicrosecondsPerRequest, effort.ConnectionsOpened, effort.NotSent, effort.LagP99Ms, effort.IsBehind));
    }

    [Theory]
    [InlineData("--mix", "vector:0", "--mix is 'vector:0'; must be kinds (vector, text, image, put, delete) with weights such as vector:90,put:10.")]
    [InlineData("--mix", "song", "--mix is 'song'")]
    [InlineData("--rate", "0", "--rate is '0'; must be a whole number, 1..1000000.")]
    [InlineData("--core", "-2", "--core is '-2'; must be a whole number, -1..1023.")]
    [InlineData("--overload", "0.5", "--overload is '0.5'; must be a number, 1..100.")]
    public async Task Serve_WrongOption_IsAWrongCommandLine(string option, string value, string expected)
    {
        CliRun run = await CliRun.OfAsync("bench", "serve", "--collection", "c", option, value);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Mix_ManyDraws_KeepsTheWeights()
    {
        LoadMix mix = LoadMix.TryParse("vector:3, put")!;
        Random random = new(7);

        int puts = Enumerable.Range(0, 10_000).Count(_ => mix.Next(random) == LoadKind.Put);

        Assert.Equal([LoadKind.Vector, LoadKind.Put], mix.Kinds);
        Assert.InRange(puts, 2300, 2700);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 12\r\nDate: x", 200, 12, false, false)]
    [InlineData("HTTP/1.1 429 Too Many Requests\r\ntransfer-encoding: Chunked\r\nConnection: close", 429, 0, true, true)]
    [InlineData("HTTP/1.1 204 No Content", 204, 0, false, false)]
    public void Head_IsRead(string head, int status, long length, bool isChunked, bool closes) =>
        Assert.Equal(new AnswerHead(status, length, isChunked, closes), AnswerHead.Read(Encoding.ASCII.GetBytes(head)));

    [Fact]
    public void Head_OfSomethingElse_IsRefused() =>
        Assert.Contains("SSH-2.0", Assert.Throws<IOException>(() => AnswerHead.Read("SSH-2.0-x"u8)).Message, StringComparison.Ordinal);

    [Fact]
    public void Latencies_AreNearestRanks()
    {
        LatencySummary summary = LatencySummary.Of(Enumerable.Range(1, 1000).Select(i => Outcome(0, i)));

        Assert.Equal(new LatencySummary(1000, 500, 900, 990, 999, 1000), summary);
        Assert.Equal(new LatencySummary(0, 0, 0, 0, 0, 0), LatencySummary.Of([]));
    }

    [Fact]
    public void Recovery_IsAfterTheLastSecondThatWasNotNormal()
    {
        LoadOutcome[] Seconds(params double[] latencies) => [.. latencies.Select((latency, second) => Outcome(second + 0.5, latency))];

        Assert.Equal(0, OverloadRun.RecoverySeconds(Seconds(10, 12, 19), normalP99: 10));
        Assert.Equal(2, OverloadRun.RecoverySeconds(Seconds(900, 30, 15, 12), normalP99: 10));
        Assert.Equal(3, OverloadRun.RecoverySeconds([.. Seconds(10, 10, 10, 10), Outcome(2.6, 5, status: 429)], normalP99: 10));
        Assert.Null(OverloadRun.RecoverySeconds(Seconds(10, 10, 50), normalP99: 10));
    }

    private static LoadOutcome Outcome(double due, double milliseconds, int status = 200) =>
        new(LoadKind.Vector, TimeSpan.FromSeconds(due), TimeSpan.FromMilliseconds(milliseconds), status);
}
