using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ChineseClip.Contracts;
using ChineseClip.Server.Gateway;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace ChineseClip.Server.Tests;

/// <summary>What is too much at once is refused at once, with a hint when to come again.</summary>
public sealed class AdmissionTests : IDisposable
{
    private const string Search = """{"vector":[1,0],"k":1}""";
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(1);
    private readonly string _data = Path.Combine(Path.GetTempPath(), "chineseclip-admission-" + Path.GetRandomFileName());

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        if (Directory.Exists(_data))
        {
            Directory.Delete(_data, recursive: true);
        }
    }

    [Theory]
    [InlineData("items:delete", "--Gateway:MaxConcurrentRequests", "1", "Gateway:MaxConcurrentRequests")]
    [InlineData("search", "--Gateway:MaxConcurrentRequests", "1", "Gateway:MaxConcurrentRequests")]
    [InlineData("items:delete", "--Gateway:MaxConcurrentBytes", "1048576", "Gateway:MaxConcurrentBytes")]
    public async Task MoreAtOnceThanAllowed_IsOverloadedUntilTheFirstIsDone(string path, string key, string value, string named)
    {
        await using WebApplication application = ServerHost.Build(
            ["--urls", "http://127.0.0.1:0", "--Storage:Directory", _data, "--Logging:LogLevel:Default", "Critical", key, value]);
        using var http = new HttpClient { BaseAddress = await ServerHost.StartAsync(application, Token) };
        using (HttpResponseMessage created = await SendAsync(http, HttpMethod.Put, "/v1/collections/c", """{"dimension":2,"shards":1}"""))
        {
            Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        }

        // A request whose body has not arrived in full is being worked on.
        string body = "{\"ids\":[\"" + new string('a', 1_000_000) + "\"]}";
        await using var unfinished = await UnfinishedRequest.SendAsync(http.BaseAddress!, "/v1/collections/c/items:delete", body);
        using HttpResponseMessage refused = await SendAsync(
            http, HttpMethod.Post, "/v1/collections/c/" + path, path == "search" ? Search : body);
        Problem problem = await RunningServer.ReadProblemAsync(refused);
        using HttpResponseMessage health = await http.GetAsync("/health", Token);
        string answered = await unfinished.FinishAsync();
        using HttpResponseMessage after = await SendAsync(http, HttpMethod.Post, "/v1/collections/c/search", Search);

        Assert.Equal((429, ErrorCodes.Overloaded), (problem.Status, problem.Code));
        Assert.Contains(named, problem.Detail, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter?.Delta);
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
        Assert.StartsWith("HTTP/1.1 400 ", answered, StringComparison.Ordinal);    // the id is too long
        Assert.Equal(HttpStatusCode.OK, after.StatusCode);
        await application.StopAsync(Token);
    }

    [Fact]
    public async Task FarTooMuchOfEveryKind_IsAnsweredOrRefused_AndLeavesNothingBehind()
    {
        const int Callers = 64;
        const int RequestsOfACaller = 40;
        await using WebApplication application = ServerHost.Build(
        [
            "--urls", "http://127.0.0.1:0", "--Storage:Directory", _data, "--Logging:LogLevel:Default", "Critical",
            "--Gateway:MaxConcurrentRequests", "8",
        ]);
        using var http = new HttpClient { BaseAddress = await ServerHost.StartAsync(application, Token) };
        using (HttpResponseMessage created = await SendAsync(http, HttpMethod.Put, "/v1/collections/c", """{"dimension":2,"shards":2}"""))
        {
            Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        }

        int[][] statuses = await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            int[] seen = new int[RequestsOfACaller];
            for (int i = 0; i < seen.Length; i++)
            {
                seen[i] = ((caller + i) % 4) switch
                {
                    0 => await StatusAsync(http, HttpMethod.Put, "/v1/collections/c/items", $$"""{"items":[{"id":"{{caller}}-{{i}}","vector":[1,0]}]}"""),
                    1 => await AbandonedAsync(http.BaseAddress!),
                    2 => await StatusAsync(http, HttpMethod.Post, "/v1/collections/c/search", Search, closes: true),
                    _ => await StatusAsync(http, HttpMethod.Post, "/v1/collections/c/search", Search),
                };
            }

            return seen;
        })));

        // What was abandoned is still on its way in or out: none of it may stay.
        FrontDoor door = application.Services.GetRequiredService<FrontDoor>();
        Assert.True(SpinWait.SpinUntil(() => door.InFlight == 0, Bound), $"{door.InFlight} requests are still at work.");
        int[] after = new int[100];
        for (int i = 0; i < after.Length; i++)
        {
            after[i] = await StatusAsync(http, HttpMethod.Post, "/v1/collections/c/search", Search);
            Assert.True(SpinWait.SpinUntil(() => door.InFlight == 0, Bound));
        }

        int[] all = [.. statuses.SelectMany(seen => seen)];
        Assert.All(all, status => Assert.Contains(status, (int[])[0, 200, 429]));
        Assert.Contains(200, all);
        Assert.Contains(429, all);
        Assert.All(after, status => Assert.Equal(200, status));
        await application.StopAsync(Token);
    }

    [Fact]
    public void BodyBudget_HoldsItsCapacity_ButLetsOneLargeBodyInAlone()
    {
        var budget = new BodyBudget(100);

        Assert.True(budget.TryTake(150));
        Assert.False(budget.TryTake(1));
        budget.Return(150);
        Assert.True(budget.TryTake(60));
        Assert.False(budget.TryTake(60));
        Assert.True(budget.TryTake(40));
        Assert.Equal(100, budget.TakenBytes);
    }

    private static Task<HttpResponseMessage> SendAsync(HttpClient http, HttpMethod method, string path, string json) =>
        http.SendAsync(
            new HttpRequestMessage(method, path) { Content = new StringContent(json, Encoding.UTF8, "application/json") }, Token);

    private static async Task<int> StatusAsync(HttpClient http, HttpMethod method, string path, string json, bool closes = false)
    {
        using HttpRequestMessage request = new(method, path) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        request.Headers.ConnectionClose = closes;
        using HttpResponseMessage response = await http.SendAsync(request, Token);
        return (int)response.StatusCode;
    }

    /// <summary>A caller who goes away without waiting for the answer.</summary>
    private static async Task<int> AbandonedAsync(Uri server)
    {
        using TcpClient client = new();
        await client.ConnectAsync(server.Host, server.Port, Token);
        string request = string.Create(
            CultureInfo.InvariantCulture,
            $"POST /v1/collections/c/search HTTP/1.1\r\nHost: {server.Authority}\r\nContent-Type: application/json\r\nContent-Length: {Search.Length}\r\n\r\n{Search}");
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request), Token);
        return 0;
    }

    private sealed class UnfinishedRequest : IAsyncDisposable
    {
        private readonly TcpClient _client = new();
        private readonly byte[] _rest;

        private UnfinishedRequest(string body) => _rest = Encoding.UTF8.GetBytes(body);

        /// <summary>Sends the head and returns when the server asks for the body, which it does once it has let the request in.</summary>
        public static async Task<UnfinishedRequest> SendAsync(Uri server, string path, string body)
        {
            while (true)
            {
                var request = new UnfinishedRequest(body);
                if (await request.IsLetInAsync(server, path))
                {
                    return request;
                }

                await request.DisposeAsync();    // refused: the request before this one has been answered but not yet left
            }
        }

        public async Task<string> FinishAsync()
        {
            NetworkStream stream = _client.GetStream();
            await stream.WriteAsync(_rest, Token);
            using var reader = new StreamReader(stream);
            return await reader.ReadToEndAsync(Token).WaitAsync(Bound, Token);
        }

        public ValueTask DisposeAsync()
        {
            _client.Dispose();
            return ValueTask.CompletedTask;
        }

        private async Task<bool> IsLetInAsync(Uri server, string path)
        {
            await _client.ConnectAsync(server.Host, server.Port, Token);
            string head = string.Create(
                CultureInfo.InvariantCulture,
                $"POST {path} HTTP/1.1\r\nHost: {server.Authority}\r\nContent-Type: application/json\r\nContent-Length: {_rest.Length}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n");
            NetworkStream stream = _client.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes(head), Token);
            byte[] answer = new byte["HTTP/1.1 100 Continue\r\n\r\n".Length];
            await stream.ReadExactlyAsync(answer, Token).AsTask().WaitAsync(Bound, Token);
            return Encoding.ASCII.GetString(answer).StartsWith("HTTP/1.1 100 ", StringComparison.Ordinal);
        }
    }
}
