using ChineseClip.Contracts;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace ChineseClip.Client.Tests;

public sealed class RetryTests
{
    private static readonly SearchRequest Query = new() { Text = "红色的鱼" };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SearchAsync_TransientOnce_IsTriedAgainWithTheSameBody()
    {
        var texts = new List<string?>();
        await using ScriptedServer server = await ScriptedServer.StartAsync(async (context, request) =>
        {
            texts.Add((await Answers.ReadAsync(context, ContractsJson.Default.SearchRequest)).Text);
            await (request == 1
                ? Answers.Problem(context, 503, ErrorCodes.ShardUnavailable)
                : Answers.Json(context, Answers.NoHits, ContractsJson.Default.SearchResponse));
        });

        SearchResponse answer = await server.Client().SearchAsync("c", Query, Token);

        Assert.Equal(1, answer.ShardsAnswered);
        Assert.Equal(["红色的鱼", "红色的鱼"], texts);
    }

    [Theory]
    [InlineData(429, ErrorCodes.Overloaded, 2)]
    [InlineData(503, ErrorCodes.StorageUnavailable, 2)]
    [InlineData(504, ErrorCodes.Timeout, 1)]
    [InlineData(400, ErrorCodes.InvalidInput, 1)]
    [InlineData(500, ErrorCodes.Internal, 1)]
    [InlineData(500, ErrorCodes.Corrupt, 1)]
    public async Task SearchAsync_AlwaysFailing_IsTriedAsOftenAsItMayHelp(int status, string code, int tries)
    {
        await using ScriptedServer server =
            await ScriptedServer.StartAsync((context, _) => Answers.Problem(context, status, code));

        ChineseClipException exception = await Assert.ThrowsAsync<ChineseClipException>(
            () => server.Client().SearchAsync("c", Query, Token));

        Assert.Equal(code, exception.Code);
        Assert.Equal(tries, server.RequestCount);
    }

    [Fact]
    public async Task SearchAsync_RetryAfter_IsWaitedFor()
    {
        var clock = new WatchedTimeProvider();
        await using ScriptedServer server = await ScriptedServer.StartAsync((context, request) =>
        {
            context.Response.Headers.RetryAfter = "2";
            return request == 1
                ? Answers.Problem(context, 429, ErrorCodes.Overloaded)
                : Answers.Json(context, Answers.NoHits, ContractsJson.Default.SearchResponse);
        });

        Task<SearchResponse> search = server.Client(new() { TimeProvider = clock }).SearchAsync("c", Query, Token);
        TimeSpan waited = await clock.WaitStarted.WaitAsync(Token);
        int requestsWhileWaiting = server.RequestCount;
        clock.Advance(waited);
        await search;

        Assert.Equal(TimeSpan.FromSeconds(2), waited);
        Assert.Equal(1, requestsWhileWaiting);
        Assert.Equal(2, server.RequestCount);
    }

    [Fact]
    public async Task SearchAsync_RetryAfterBeyondTheBound_FailsAtOnce()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync((context, _) =>
        {
            context.Response.Headers.RetryAfter = "60";
            return Answers.Problem(context, 429, ErrorCodes.Overloaded);
        });

        ChineseClipException exception = await Assert.ThrowsAsync<ChineseClipException>(
            () => server.Client().SearchAsync("c", Query, Token));

        Assert.Equal(TimeSpan.FromSeconds(60), exception.RetryAfter);
        Assert.Equal(1, server.RequestCount);
    }

    [Fact]
    public async Task CreateCollectionAsync_ConnectionBroken_IsNotRepeated()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync((context, _) =>
        {
            context.Abort();
            return Task.CompletedTask;
        });

        ChineseClipException exception = await Assert.ThrowsAsync<ChineseClipException>(
            () => server.Client().CreateCollectionAsync("c", new() { Model = "demo" }, Token));

        Assert.Equal(ChineseClipException.Unreachable, exception.Code);
        Assert.Equal(1, server.RequestCount);
    }

    [Fact]
    public async Task PutItemsAsync_ConnectionBrokenOnce_IsRepeatedAsTheSameOperation()
    {
        var operations = new List<string?>();
        await using ScriptedServer server = await ScriptedServer.StartAsync(async (context, request) =>
        {
            operations.Add(context.Request.Headers["Idempotency-Key"]);
            if (request == 1)
            {
                context.Abort();
                return;
            }

            await Answers.Json(context, new PutItemsResponse { Results = [new() { Id = "a", Status = "created" }] },
                ContractsJson.Default.PutItemsResponse);
        });

        PutItemsResponse answer = await server.Client().PutItemsAsync("c", new() { Items = [] }, Token);

        Assert.Equal("created", answer.Results.Single().Status);
        Assert.Equal(2, operations.Count);
        Assert.True(Guid.TryParse(operations[0], out _));
        Assert.Equal(operations[0], operations[1]);
    }

    [Fact]
    public async Task SearchAsync_NoAnswerInTime_IsTimeout()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(WaitForAbort);
        server.Http.Timeout = TimeSpan.FromMilliseconds(100);

        ChineseClipException exception = await Assert.ThrowsAsync<ChineseClipException>(
            () => server.Client().SearchAsync("c", Query, Token));

        Assert.Equal(ErrorCodes.Timeout, exception.Code);
        Assert.Contains("0.1 s", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SearchAsync_Cancelled_IsCancellation()
    {
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Token);
        await using ScriptedServer server = await ScriptedServer.StartAsync((context, request) =>
        {
            cancellation.Cancel();
            return WaitForAbort(context, request);
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => server.Client().SearchAsync("c", Query, cancellation.Token));
    }

    [Fact]
    public async Task SearchAsync_NobodyListens_IsUnreachable()
    {
        ScriptedServer server = await ScriptedServer.StartAsync((_, _) => Task.CompletedTask);
        Uri address = server.Http.BaseAddress!;
        await server.DisposeAsync();
        using var http = new HttpClient { BaseAddress = address };

        ChineseClipException exception = await Assert.ThrowsAsync<ChineseClipException>(
            () => new HttpChineseClipClient(http, new() { RetryDelay = TimeSpan.Zero })
                .CreateCollectionAsync("c", new() { Model = "demo" }, Token));

        Assert.Equal(ChineseClipException.Unreachable, exception.Code);
    }

    private static async Task WaitForAbort(HttpContext context, int request)
    {
        var aborted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration registration = context.RequestAborted.Register(aborted.SetResult);
        await aborted.Task;
    }

    /// <summary>Tells when a wait begins and how long it is to be.</summary>
    private sealed class WatchedTimeProvider : FakeTimeProvider
    {
        private readonly TaskCompletionSource<TimeSpan> _waitStarted =
            new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<TimeSpan> WaitStarted => _waitStarted.Task;

        public override ITimer CreateTimer(
            TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            ITimer timer = base.CreateTimer(callback, state, dueTime, period);
            _waitStarted.TrySetResult(dueTime);
            return timer;
        }
    }
}
