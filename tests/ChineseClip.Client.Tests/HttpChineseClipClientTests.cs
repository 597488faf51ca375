using System.Net;
using System.Text;
using ChineseClip.Contracts;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ChineseClip.Client.Tests;

public sealed class HttpChineseClipClientTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("红色的鱼")]
    [InlineData("夜晚 🌙 \"月亮\" \\ \u2028 <b>&")]
    [InlineData("𠀀龘ﷺ\u0000é")]
    public async Task SearchAsync_AnyText_ArrivesUnchanged(string text)
    {
        string? arrived = null;
        await using ScriptedServer server = await ScriptedServer.StartAsync(async (context, _) =>
        {
            arrived = (await Answers.ReadAsync(context, ContractsJson.Default.SearchRequest)).Text;
            SearchHit hit = new() { Id = text, Score = 0.5f };
            await Answers.Json(context, Answers.NoHits with { Hits = [hit] }, ContractsJson.Default.SearchResponse);
        });

        SearchResponse answer = await server.Client().SearchAsync("图片", new SearchRequest { Text = text }, Token);

        Assert.Equal(text, arrived);
        Assert.Equal(text, answer.Hits.Single().Id);
        Assert.Equal(3, answer.Timings.TotalMilliseconds);
    }

    [Theory]
    [InlineData("a/b", "/v1/collections/%E9%B1%BC/items/a%2Fb")]
    [InlineData("50% ?#鱼", "/v1/collections/%E9%B1%BC/items/50%25%20%3F%23%E9%B1%BC")]
    public async Task GetItemAsync_IdOfAnyCharacters_IsOneSegment(string id, string expectedTarget)
    {
        string? target = null;
        await using ScriptedServer server = await ScriptedServer.StartAsync((context, _) =>
        {
            target = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
            return Answers.Json(context, new ItemResponse { Id = id }, ContractsJson.Default.ItemResponse);
        });

        ItemResponse item = await server.Client().GetItemAsync("鱼", id, Token);

        Assert.Equal(expectedTarget, target);
        Assert.Equal(id, item.Id);
    }

    [Fact]
    public async Task SearchAsync_ApiKey_IsSentAsBearer()
    {
        string? authorization = null;
        await using ScriptedServer server = await ScriptedServer.StartAsync((context, _) =>
        {
            authorization = context.Request.Headers.Authorization;
            return Answers.Json(context, Answers.NoHits, ContractsJson.Default.SearchResponse);
        });

        await server.Client(new() { ApiKey = "k-1" })
            .SearchAsync("c", new SearchRequest { Id = "a" }, Token);

        Assert.Equal("Bearer k-1", authorization);
    }

    [Fact]
    public async Task PutItemsAsync_Problem_BecomesTypedException()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync((context, _) => Answers.Problem(
            context, 400, ErrorCodes.InvalidInput, new ProblemElement { Index = 3, Id = "鱼", Field = "vector" }));
        var items = new PutItemsRequest { Items = [new PutItem { Id = "鱼", Vector = [float.NaN] }] };

        ChineseClipException exception = await Assert.ThrowsAsync<ChineseClipException>(
            () => server.Client().PutItemsAsync("c", items, Token));

        Assert.Equal(ErrorCodes.InvalidInput, exception.Code);
        Assert.Equal(HttpStatusCode.BadRequest, exception.Status);
        Assert.Equal("k 是 0；必须在 1..1000 之间", exception.Detail);
        Assert.Equal(new ProblemElement { Index = 3, Id = "鱼", Field = "vector" }, exception.Element);
        Assert.Equal("00-abc", exception.TraceId);
        Assert.False(exception.IsTransient);
        Assert.Equal(1, server.RequestCount);
    }

    [Fact]
    public async Task SearchAsync_NoProblemDocument_IsInvalidResponse()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync((context, _) =>
        {
            context.Response.StatusCode = 502;
            return context.Response.WriteAsync("<html>", Token);
        });

        ChineseClipException exception = await Assert.ThrowsAsync<ChineseClipException>(
            () => server.Client().SearchAsync("c", new SearchRequest { Text = "鱼" }, Token));

        Assert.Equal(ChineseClipException.InvalidResponse, exception.Code);
        Assert.Contains("502", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ListModelsAsync_AnswerCutOff_IsUnreachable()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(async (context, _) =>
        {
            context.Response.ContentLength = 100;
            await context.Response.WriteAsync("{\"models\":[", Token);
            await context.Response.Body.FlushAsync(Token);
            context.Abort();
        });

        ChineseClipException exception = await Assert.ThrowsAsync<ChineseClipException>(
            () => server.Client().ListModelsAsync(Token));

        Assert.Equal(ChineseClipException.Unreachable, exception.Code);
        Assert.True(exception.IsTransient);
    }

    [Fact]
    public async Task GetHealthAsync_NotReady_IsAnAnswer()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync((context, _) =>
        {
            context.Response.StatusCode = 503;
            HealthCheck models = new() { Name = "models", Status = "unhealthy", Detail = "demo: loading" };
            return Answers.Json(context, new HealthResponse { Status = "unhealthy", Checks = [models] },
                ContractsJson.Default.HealthResponse);
        });

        HealthResponse health = await server.Client().GetHealthAsync(Token);

        Assert.Equal("unhealthy", health.Status);
        Assert.Equal("demo: loading", health.Checks.Single().Detail);
    }

    [Fact]
    public async Task GetItemImageAsync_LongPicture_IsReadWhileItArrives()
    {
        var firstHalfRead = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ScriptedServer server = await ScriptedServer.StartAsync(async (context, _) =>
        {
            context.Response.ContentType = "image/png";
            await context.Response.WriteAsync("first", Token);
            await context.Response.Body.FlushAsync(Token);
            await firstHalfRead.Task.WaitAsync(Token);
            await context.Response.WriteAsync("second", Token);
        });

        await using DownloadedPicture picture = await server.Client().GetItemImageAsync("c", "a", Token);
        byte[] first = new byte[5];
        await picture.Content.ReadExactlyAsync(first, Token);
        firstHalfRead.SetResult();
        using var rest = new MemoryStream();
        await picture.Content.CopyToAsync(rest, Token);

        Assert.Equal("image/png", picture.ContentType);
        Assert.Equal("first", Encoding.UTF8.GetString(first));
        Assert.Equal("second", Encoding.UTF8.GetString(rest.ToArray()));
    }

    [Fact]
    public async Task ScrollAllAsync_ThreePages_GivesEveryItemOnce()
    {
        var cursors = new List<string?>();
        await using ScriptedServer server = await ScriptedServer.StartAsync(async (context, request) =>
        {
            cursors.Add((await Answers.ReadAsync(context, ContractsJson.Default.ScrollRequest)).Cursor);
            var page = new ScrollResponse
            {
                Items = [new ItemResponse { Id = $"a{request}" }, new ItemResponse { Id = $"b{request}" }],
                NextCursor = request < 3 ? $"after-{request}" : null,
            };
            await Answers.Json(context, page, ContractsJson.Default.ScrollResponse);
        });

        var ids = new List<string>();
        await foreach (ItemResponse item in server.Client().ScrollAllAsync("c", new ScrollRequest(), Token))
        {
            ids.Add(item.Id);
        }

        Assert.Equal(["a1", "b1", "a2", "b2", "a3", "b3"], ids);
        Assert.Equal([null, "after-1", "after-2"], cursors);
    }

    [Fact]
    public void Constructor_NoBaseAddress_IsRefused()
    {
        using var http = new HttpClient();
        Assert.Throws<ArgumentException>(() => new HttpChineseClipClient(http));
    }

    [Fact]
    public async Task FromFileAsync_Picture_CarriesItsBytes()
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        byte[] file = [0xFF, 0xD8, 0x00, 0x7F];
        await File.WriteAllBytesAsync(path, file, Token);
        try
        {
            ImageSource source = await ImageSources.FromFileAsync(path, Token);
            Assert.Equal(file, Convert.FromBase64String(source.Base64!));
        }
        finally
        {
            File.Delete(path);
        }
    }
}
