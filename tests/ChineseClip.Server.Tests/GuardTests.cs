using System.Net;
using System.Net.Http.Json;
using System.Text;
using ChineseClip.Contracts;
using Microsoft.AspNetCore.Builder;

namespace ChineseClip.Server.Tests;

/// <summary>Keys, limits and wrong configuration, on servers of their own.</summary>
public sealed class GuardTests : IDisposable
{
    private readonly string _data = Path.Combine(Path.GetTempPath(), "chineseclip-guard-" + Path.GetRandomFileName());

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        if (Directory.Exists(_data))
        {
            Directory.Delete(_data, recursive: true);
        }
    }

    [Fact]
    public async Task KeysRateAndSize_AreHeld()
    {
        await using WebApplication application = Build(
            "--Gateway:ApiKeys", "first-key-1,second-key-2", "--Gateway:RateLimit", "3", "--Gateway:MaxRequestBytes", "2048");
        using var http = new HttpClient { BaseAddress = await ServerHost.StartAsync(application, Token) };

        HealthResponse? health = await http.GetFromJsonAsync("/health", ContractsJson.Default.HealthResponse, Token);
        HealthResponse? alive = await http.GetFromJsonAsync("/alive", ContractsJson.Default.HealthResponse, Token);
        Assert.Equal(
            [new HealthCheck { Name = "cluster", Status = "healthy" }, new HealthCheck { Name = "storage", Status = "healthy" }],
            health!.Checks.OrderBy(check => check.Name, StringComparer.Ordinal));
        Assert.Equal("healthy", alive!.Status);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/", Token)).StatusCode);
        Problem none = await ProblemAsync(http, null, null);
        Problem wrong = await ProblemAsync(http, "Authorization", "Bearer another-key");
        using HttpResponseMessage first = await SendAsync(http, "Authorization", "Bearer first-key-1");
        using HttpResponseMessage second = await SendAsync(http, "X-Api-Key", "second-key-2");
        Problem large = await TooLargeAsync(http);
        HttpResponseMessage[] burst = await Task.WhenAll(
            Enumerable.Range(0, 12).Select(_ => SendAsync(http, "Authorization", "Bearer first-key-1")));

        Assert.Equal((401, ErrorCodes.Unauthorized), (none.Status, none.Code));
        Assert.Equal((401, ErrorCodes.Unauthorized), (wrong.Status, wrong.Code));
        Assert.DoesNotContain("another-key", wrong.Detail, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
        Assert.Equal((413, ErrorCodes.TooLarge), (large.Status, large.Code));
        Assert.Contains("2048", large.Detail, StringComparison.Ordinal);
        HttpResponseMessage refused = burst.First(response => response.StatusCode == HttpStatusCode.TooManyRequests);
        Assert.Equal(ErrorCodes.Overloaded, (await RunningServer.ReadProblemAsync(refused)).Code);
        Assert.NotNull(refused.Headers.RetryAfter);
        await application.StopAsync(Token);
    }

    [Theory]
    [InlineData("--Gateway:RateLimit", "-1", "Gateway:RateLimit is -1; must be 0..1000000.")]
    [InlineData("--Gateway:MaxRequestBytes", "1", "Gateway:MaxRequestBytes is 1; must be 1024..2000000000.")]
    [InlineData("--Gateway:DefaultTimeout", "00:20:00", "Gateway:DefaultTimeout is 00:20:00; must be")]
    [InlineData("--Gateway:ApiKeys", "short", "Gateway:ApiKeys:0 has 5 characters; must have at least 8.")]
    [InlineData("--Gateway:RateLimit", "many", "Gateway:RateLimit")]
    [InlineData("--Cluster:SiloPort", "70000", "Cluster:SiloPort is '70000'; must be 0..65535.")]
    [InlineData("--Cluster:Membership", "etcd", "Cluster:Membership is 'etcd'; must be localhost or redis.")]
    [InlineData("--Cluster:Membership", "redis", "ConnectionStrings:redis is empty")]
    [InlineData("--Cluster:Roles", "gateway,cook", "Cluster:Roles")]
    [InlineData("--Images:MaxPixels", "0", "MaxPixels")]
    [InlineData("--Inference:Models:demo", "/no/such/folder", "/no/such/folder")]
    public async Task Start_WrongValue_IsOneLineWithKeyValueAndBound(string key, string value, string expected)
    {
        Exception? exception = await Record.ExceptionAsync(async () =>
        {
            await using WebApplication application = Build(key, value);
            await application.StartAsync(Token);
        });

        Assert.NotNull(exception);
        string? line = Hosting.StartFailure.Describe(exception);
        Assert.NotNull(line);
        Assert.Contains(expected, line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line);
    }

    private WebApplication Build(params string[] settings) => ServerHost.Build(
    [
        "--urls", "http://127.0.0.1:0", "--Storage:Directory", _data, "--Logging:LogLevel:Default", "Critical", .. settings,
    ]);

    private static async Task<Problem> ProblemAsync(HttpClient http, string? header, string? value)
    {
        using HttpResponseMessage response = await SendAsync(http, header, value);
        return await RunningServer.ReadProblemAsync(response);
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient http, string? header, string? value)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
        if (header is not null)
        {
            request.Headers.TryAddWithoutValidation(header, value);
        }

        return await http.SendAsync(request, Token);
    }

    private static async Task<Problem> TooLargeAsync(HttpClient http)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/embeddings")
        {
            Content = new StringContent(
                $$"""{"model":"a","texts":["{{new string('鱼', 2000)}}"]}""", Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("X-Api-Key", "second-key-2");
        using HttpResponseMessage response = await http.SendAsync(request, Token);
        return await RunningServer.ReadProblemAsync(response);
    }
}
