using System.Collections.Concurrent;
using ChineseClip.Abstractions;
using ChineseClip.Grains.Inference;
using Microsoft.Extensions.Time.Testing;

namespace ChineseClip.Grains.Tests;

public sealed class MicroBatcherTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Encode_OneCallOfManyInputs_RunsInFullBatchesAndKeepsTheOrder()
    {
        using Encoder encoder = new();
        using MicroBatcher<int> batcher = encoder.CreateBatcher(maxBatchSize: 4, delay: TimeSpan.Zero);

        float[][] rows = await batcher.EncodeAsync([.. Enumerable.Range(0, 10)], Long, Token);

        Assert.Equal(Enumerable.Range(0, 10).Select(i => (float)i), rows.Select(row => row[0]));
        Assert.All(encoder.Batches, batch => Assert.InRange(batch, 1, 4));
        Assert.Equal((10L, 0), (batcher.EncodedCount, batcher.Depth));
    }

    [Fact]
    public async Task Encode_ALoneInput_WaitsForTheDelayAndNoLonger()
    {
        FakeTimeProvider time = new();
        using Encoder encoder = new();
        TimerObserver observed = new(time);
        using MicroBatcher<int> batcher = encoder.CreateBatcher(maxBatchSize: 8, delay: TimeSpan.FromMilliseconds(5), observed);

        Task<float[][]> first = batcher.EncodeAsync([1], Long, Token);
        await observed.TimerMade.WaitAsync(Long, Token);    // the batcher waits for company
        Task<float[][]> second = batcher.EncodeAsync([2], Long, Token);
        Assert.False(first.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(5));

        Assert.Equal(1f, (await first)[0][0]);
        Assert.Equal(2f, (await second)[0][0]);
    }

    [Fact]
    public async Task Encode_WhileTheEncoderIsBusy_WhatArrivesGoesTogether()
    {
        using Encoder encoder = new() { Holds = true };
        using MicroBatcher<int> batcher = encoder.CreateBatcher(maxBatchSize: 8, delay: TimeSpan.Zero);
        Task<float[][]> first = batcher.EncodeAsync([1], Long, Token);
        await encoder.Started.WaitAsync(Long, Token);
        Task<float[][]>[] others = [.. Enumerable.Range(2, 5).Select(i => batcher.EncodeAsync([i], Long, Token))];
        Assert.Equal(5, batcher.Depth);

        encoder.Release();
        await Task.WhenAll([first, .. others]);

        Assert.Equal([1, 5], encoder.Batches);
    }

    [Fact]
    public async Task Encode_MoreThanMayWait_IsOverloadedAndTakesNothing()
    {
        using Encoder encoder = new() { Holds = true };
        using MicroBatcher<int> batcher = encoder.CreateBatcher(maxBatchSize: 1, delay: TimeSpan.Zero, maxQueueLength: 3);
        Task<float[][]> first = batcher.EncodeAsync([1], Long, Token);
        await encoder.Started.WaitAsync(Long, Token);
        Task<float[][]> second = batcher.EncodeAsync([2, 3], Long, Token);

        ClusterException refused = await Assert.ThrowsAsync<ClusterException>(() => batcher.EncodeAsync([4, 5], Long, Token));
        Assert.Equal(ErrorCode.Overloaded, refused.Code);
        Assert.True(refused.IsTransient);
        Assert.NotNull(refused.RetryAfter);
        Task<float[][]> third = batcher.EncodeAsync([6], Long, Token);
        encoder.Release();

        Assert.Equal([1f, 2f, 3f, 6f], (await Task.WhenAll(first, second, third)).SelectMany(rows => rows).Select(row => row[0]));
    }

    [Fact]
    public async Task Encode_MoreBeforeItThanItsCallerWaitsFor_IsOverloadedAtOnce()
    {
        FakeTimeProvider time = new();
        using Encoder encoder = new() { Holds = true };
        using MicroBatcher<int> batcher = encoder.CreateBatcher(maxBatchSize: 1, delay: TimeSpan.Zero, time);
        Task<float[][]> first = batcher.EncodeAsync([1], Long, Token);
        await encoder.Started.WaitAsync(Long, Token);
        time.Advance(TimeSpan.FromSeconds(1));    // so long takes an input
        encoder.Release();
        await first;
        encoder.Hold();
        Task<float[][]> before = batcher.EncodeAsync([2], TimeSpan.FromSeconds(1), Token);    // nobody is before it

        ClusterException refused = await Assert.ThrowsAsync<ClusterException>(
            () => batcher.EncodeAsync([3], TimeSpan.FromSeconds(1.5), Token));
        Task<float[][]> patient = batcher.EncodeAsync([4], TimeSpan.FromSeconds(2), Token);
        encoder.Release();

        Assert.Equal(ErrorCode.Overloaded, refused.Code);
        Assert.Equal([2f, 4f], (await Task.WhenAll(before, patient)).Select(rows => rows[0][0]));
        Assert.Equal([1, 2, 4], encoder.Inputs);
    }

    [Fact]
    public async Task Encode_CancelledOrTooLateWhileWaiting_CostsNoForwardPass()
    {
        FakeTimeProvider time = new();
        using Encoder encoder = new() { Holds = true };
        using MicroBatcher<int> batcher = encoder.CreateBatcher(maxBatchSize: 4, delay: TimeSpan.Zero, time);
        Task<float[][]> first = batcher.EncodeAsync([1], Long, Token);
        await encoder.Started.WaitAsync(Long, Token);
        using CancellationTokenSource cancelling = new();
        Task<float[][]> cancelled = batcher.EncodeAsync([2], Long, cancelling.Token);
        Task<float[][]> late = batcher.EncodeAsync([3], TimeSpan.FromSeconds(1), Token);
        Task<float[][]> patient = batcher.EncodeAsync([4], Long, Token);
        await cancelling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        time.Advance(TimeSpan.FromSeconds(2));

        encoder.Release();

        Assert.Equal(ErrorCode.Timeout, (await Assert.ThrowsAsync<ClusterException>(() => late)).Code);
        Assert.Equal(4f, (await patient)[0][0]);
        await first;
        Assert.Equal([1, 4], encoder.Inputs);
    }

    [Fact]
    public async Task Encode_TheEncoderThrows_FailsTheBatchAndNotTheNext()
    {
        using Encoder encoder = new();
        using MicroBatcher<int> batcher = encoder.CreateBatcher(maxBatchSize: 4, delay: TimeSpan.Zero);

        ClusterException failed = await Assert.ThrowsAsync<ClusterException>(() => batcher.EncodeAsync([-1], Long, Token));

        Assert.Equal(ErrorCode.ModelUnavailable, failed.Code);
        Assert.Equal(7f, (await batcher.EncodeAsync([7], Long, Token))[0][0]);
    }

    private sealed class Encoder : IDisposable
    {
        private readonly ManualResetEventSlim _released = new();
        private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ConcurrentQueue<int> Batches { get; } = new();

        public ConcurrentQueue<int> Inputs { get; } = new();

        public bool Holds { get; init; }

        public Task Started => _started.Task;

        public void Release() => _released.Set();

        public void Hold() => _released.Reset();

        public MicroBatcher<int> CreateBatcher(
            int maxBatchSize, TimeSpan delay, TimeProvider? time = null, int maxQueueLength = 100) =>
            new(new MicroBatcherSettings("encoder test", maxBatchSize, delay, maxQueueLength), 1, Encode, time ?? TimeProvider.System);

        public void Dispose()
        {
            _released.Set();
            _released.Dispose();
        }

        private float[] Encode(IReadOnlyList<int> inputs)
        {
            Batches.Enqueue(inputs.Count);
            foreach (int input in inputs)
            {
                Inputs.Enqueue(input);
            }

            _started.TrySetResult();
            if (Holds)
            {
                _released.Wait();
            }

            return inputs.Contains(-1)
                ? throw new InvalidOperationException("The runtime failed.")
                : [.. inputs.Select(input => (float)input)];
        }
    }

    /// <summary>Tells when somebody has begun to wait on the fake clock.</summary>
    private sealed class TimerObserver(FakeTimeProvider inner) : TimeProvider
    {
        private readonly TaskCompletionSource _made = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task TimerMade => _made.Task;

        public override long TimestampFrequency => inner.TimestampFrequency;

        public override long GetTimestamp() => inner.GetTimestamp();

        public override DateTimeOffset GetUtcNow() => inner.GetUtcNow();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            ITimer timer = inner.CreateTimer(callback, state, dueTime, period);
            _made.TrySetResult();
            return timer;
        }
    }
}
