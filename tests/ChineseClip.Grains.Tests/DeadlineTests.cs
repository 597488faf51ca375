using ChineseClip.Abstractions;
using ChineseClip.Grains.Gateway;
using ChineseClip.Grains.Tests.Fakes;
using Microsoft.Extensions.Time.Testing;

namespace ChineseClip.Grains.Tests;

/// <summary>When a caller's time is up or the caller is gone, it hears so, and nobody works on for it.</summary>
public sealed class DeadlineTests
{
    private const string Collection = "图集";
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Search_TimeIsUpWhileTheEncoderIsBusy_IsATimeoutAndIsNeverEncoded()
    {
        using HeldModel model = new();
        await using TestSilos silos = await TestSilos.StartAsync(new FakeCatalog(model));
        await CreateAsync(silos);
        model.Hold();
        Task<SearchAnswer> first = SearchAsync(silos, "先来的", TimeSpan.FromMinutes(1), Token);
        await model.Busy.WaitAsync(Bound, Token);

        // The second late one ends a whole timeout after the first one had reached the encoder.
        ClusterException late = await TestSilos.FailsAsync(ErrorCode.Timeout, () => SearchAsync(silos, "后来的", Short, Token));
        await model.Reached("后来的").WaitAsync(Bound, Token);
        await TestSilos.FailsAsync(ErrorCode.Timeout, () => SearchAsync(silos, "又一个", Short, Token));
        Task<SearchAnswer> last = SearchAsync(silos, "最后的", TimeSpan.FromMinutes(1), Token);
        model.Release();
        await Task.WhenAll(first, last).WaitAsync(Bound, Token);

        Assert.Equal("Embedding the query did not finish within 300 ms.", late.Message);
        Assert.Equal(["先来的", "最后的"], model.Encoded.Where(text => text != "又一个"));
    }

    [Fact]
    public async Task Put_TimeIsUpWhileTheEncoderIsBusy_FailsEveryItemAndStoresNone()
    {
        using HeldModel model = new();
        await using TestSilos silos = await TestSilos.StartAsync(new FakeCatalog(model));
        await CreateAsync(silos);
        model.Hold();
        Task<SearchAnswer> first = SearchAsync(silos, "先来的", TimeSpan.FromMinutes(1), Token);
        await model.Busy.WaitAsync(Bound, Token);

        ItemOutcome[] outcomes = await silos.Grains.Ingest().PutAsync(
            new PutItems { Collection = Collection, Items = [new PutItem { Id = "a", Text = "红" }], Timeout = Short }, Token);
        await model.Reached("红").WaitAsync(Bound, Token);
        await TestSilos.FailsAsync(ErrorCode.Timeout, () => SearchAsync(silos, "又一个", Short, Token));
        model.Release();
        await first.WaitAsync(Bound, Token);

        Assert.Equal((ItemStatus.Failed, ErrorCode.Timeout), (outcomes[0].Status, outcomes[0].Error!.Code));
        Assert.Equal(0, await silos.Grains.Items().CountAsync(new CountQuery { Collection = Collection }, Token));
        Assert.DoesNotContain("红", model.Encoded);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Put_CallerGoesOrTimeIsUpBeforeTheAppend_TheShardHearsOfItAndARepetitionIsWritten(bool callerGoes)
    {
        TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource heard = new(TaskCreationOptions.RunContinuationsAsynchronously);
        FaultyStorage storage = null!;
        await using TestSilos silos = await TestSilos.StartAsync(wrap: inner => storage = new FaultyStorage(inner));
        await CreateAsync(silos);
        storage.BeforeAppend = async token =>
        {
            token.Register(() => heard.TrySetResult());
            reached.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
        };
        PutItems put = new()
        {
            Collection = Collection,
            Items = [new PutItem { Id = "a", Vector = EmbeddingVector.From(FakeModel.Embed("红")) }],
            OperationId = Guid.NewGuid(),
            Timeout = callerGoes ? TimeSpan.FromMinutes(1) : TimeSpan.FromMilliseconds(300),
        };

        using CancellationTokenSource leaving = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task<ItemOutcome[]> first = silos.Grains.Ingest().PutAsync(put, leaving.Token);
        await reached.Task.WaitAsync(Bound, Token);
        if (callerGoes)
        {
            await leaving.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        }
        else
        {
            Assert.Equal(ErrorCode.Timeout, Assert.Single(await first).Error!.Code);
        }

        await heard.Task.WaitAsync(Bound, Token);
        storage.BeforeAppend = _ => Task.CompletedTask;
        ItemOutcome[] again = await silos.Grains.Ingest().PutAsync(put with { Timeout = TimeSpan.FromMinutes(1) }, Token);

        Assert.Equal(ItemStatus.Created, Assert.Single(again).Status);
    }

    [Fact]
    public async Task Run_TheCalleeNeverAnswersNorHears_EndsAtTheTime()
    {
        FakeTimeProvider time = new();
        using Deadline deadline = new(time, TimeSpan.FromSeconds(2), Token);
        Task<int> call = deadline.RunAsync(_ => new TaskCompletionSource<int>().Task, "The call");

        time.Advance(TimeSpan.FromSeconds(1.9));
        Assert.False(call.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(0.1));

        ClusterException late = await Assert.ThrowsAsync<ClusterException>(() => call);
        Assert.Equal((ErrorCode.Timeout, "The call did not finish within 2000 ms."), (late.Code, late.Message));
        Assert.Equal(TimeSpan.Zero, deadline.Left);
    }

    [Fact]
    public async Task Run_TimeIsUpBefore_MakesNoCall()
    {
        FakeTimeProvider time = new();
        using Deadline deadline = new(time, TimeSpan.FromSeconds(1), Token);
        time.Advance(TimeSpan.FromSeconds(1));
        bool called = false;

        await Assert.ThrowsAsync<ClusterException>(() => deadline.RunAsync(
            _ =>
            {
                called = true;
                return Task.FromResult(1);
            },
            "The call"));

        Assert.False(called);
    }

    [Fact]
    public void Part_OtherItems_IsAnotherWrite()
    {
        Guid operation = Guid.NewGuid();

        Assert.Equal(Operations.Part(operation, 0, ["a", "b"]), Operations.Part(operation, 0, ["a", "b"]));
        Assert.Equal(
            5,
            new[]
            {
                Operations.Part(operation, 0, ["a", "b"]), Operations.Part(operation, 0, ["a"]), Operations.Part(operation, 0, ["ab"]),
                Operations.Part(operation, 1, ["a", "b"]), Operations.Part(Guid.NewGuid(), 0, ["a", "b"]),
            }.Distinct().Count());
    }

    private static Task<CollectionDefinition> CreateAsync(TestSilos silos) => silos.Grains.Collections().CreateAsync(
        new CreateCollection { Name = Collection, Model = FakeModel.ModelName, Shards = 2 }, Token);

    private static Task<SearchAnswer> SearchAsync(TestSilos silos, string text, TimeSpan timeout, CancellationToken token) =>
        silos.Grains.Search().SearchAsync(new SearchQuery { Collection = Collection, Text = text, Timeout = timeout }, token);
}
