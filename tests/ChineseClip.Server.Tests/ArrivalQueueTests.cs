using System.Collections.Concurrent;
using System.IO.Pipelines;
using ChineseClip.Server.Gateway;
using Microsoft.Extensions.Time.Testing;

namespace ChineseClip.Server.Tests;

/// <summary>What arrives gets its turn, on no thread of the sockets, and nobody works for one who has gone.</summary>
public sealed class ArrivalQueueTests
{
    private static readonly TimeSpan LongestTest = TimeSpan.FromMinutes(1);

    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Arrivals_FromManyThreads_EachGoesOnOnceAndNotMoreAtOnceThanProcessors()
    {
        const int Threads = 4;
        const int Each = 2500;
        ArrivalQueue queue = new(TimeProvider.System);
        ConcurrentDictionary<int, int> resumed = new();
        TaskCompletionSource done = new();
        int left = Threads * Each;
        int atWork = 0;
        int most = 0;
        Parallel.For(0, Threads, new ParallelOptions { MaxDegreeOfParallelism = Threads }, thread =>
        {
            for (int i = 0; i < Each; i++)
            {
                int number = (thread * Each) + i;
                queue.Add(() =>
                {
                    int now = Interlocked.Increment(ref atWork);
                    InterlockedMax(ref most, now);
                    resumed.AddOrUpdate(number, 1, (_, times) => times + 1);
                    Interlocked.Decrement(ref atWork);
                    if (Interlocked.Decrement(ref left) == 0)
                    {
                        done.SetResult();
                    }
                });
            }
        });

        await done.Task.WaitAsync(LongestTest, Token);

        Assert.Equal(Threads * Each, resumed.Count);
        Assert.All(resumed.Values, times => Assert.Equal(1, times));
        Assert.InRange(most, 1, Environment.ProcessorCount);
    }

    [Theory]
    [InlineData(0, 0.5)]
    [InlineData(80, 5)]
    [InlineData(10_000, 16)]
    public void Slice_GrowsWithTheWait_WithinItsBounds(double waitedMs, double sliceMs) =>
        Assert.Equal(TimeSpan.FromMilliseconds(sliceMs), ArrivalQueue.SliceAfter(TimeSpan.FromMilliseconds(waitedMs)));

    [Fact]
    public async Task Read_ThatWaitsForBytes_GoesOnInItsTurn()
    {
        ArrivalQueue queue = new(_time);
        Connection connection = new(queue);
        Task<ReadResult> read = connection.Pipe.Input.ReadAsync(Token).AsTask();
        using Blockade blockade = new(queue);

        await connection.Client.WriteAsync("GET"u8.ToArray(), Token);    // what waits for these bytes would go on on this thread
        Assert.False(read.IsCompleted);
        blockade.End();

        Assert.Equal(3, (await read.WaitAsync(LongestTest, Token)).Buffer.Length);
    }

    [Theory]
    [InlineData(1000, false, true)]     // gone while it waited
    [InlineData(10, false, false)]      // closed its side, as a client may that waits for one answer only
    [InlineData(1000, true, false)]     // the rest of a request that is worked on
    public async Task Read_OfOneWhoHasGone_EndsTheConnection(int waitedMs, bool isLetIn, bool ends)
    {
        ArrivalQueue queue = new(_time);
        Connection connection = new(queue);
        Task<ReadResult> read = connection.Pipe.Input.ReadAsync(Token).AsTask();
        if (isLetIn)
        {
            connection.Pipe.LetIn();
        }

        using (Blockade blockade = isLetIn ? Blockade.None : new Blockade(queue))
        {
            await connection.Closed.CancelAsync();
            await connection.Client.WriteAsync("GET"u8.ToArray(), Token);
            _time.Advance(TimeSpan.FromMilliseconds(waitedMs));
            blockade.End();
        }

        ReadResult result = await read.WaitAsync(LongestTest, Token);
        Assert.Equal(ends, result.IsCompleted);
        Assert.Equal(ends ? 0 : 3, result.Buffer.Length);
        connection.Pipe.Input.AdvanceTo(result.Buffer.End);
    }

    [Fact]
    public async Task Reads_OfWhatIsThereAlready_WaitForATurnNowAndThen()
    {
        ArrivalQueue queue = new(_time);
        Connection connection = new(queue);
        await connection.Client.WriteAsync("GET"u8.ToArray(), Token);
        await ReadAsync();
        await Task.Yield();    // out of the turn in which that went on
        using Blockade blockade = new(queue);
        int readsInTurn = 0;
        Task read;
        while ((read = ReadAsync()).IsCompleted)
        {
            readsInTurn++;
        }

        Assert.InRange(readsInTurn, 1, 100);
        blockade.End();
        await read.WaitAsync(LongestTest, Token);

        async Task ReadAsync() => connection.Pipe.Input.AdvanceTo((await connection.Pipe.Input.ReadAsync(Token)).Buffer.Start);
    }

    [Fact]
    public async Task ArrivedAt_OfWhatWasThereAlready_IsNotThatOfTheRequestBefore()
    {
        ArrivalQueue queue = new(_time);
        Connection connection = new(queue);
        _time.Advance(TimeSpan.FromSeconds(1));
        await connection.Client.WriteAsync("GET"u8.ToArray(), Token);
        connection.Pipe.Input.AdvanceTo((await connection.Pipe.Input.ReadAsync(Token)).Buffer.Start);
        Assert.NotNull(connection.Pipe.ArrivedAt);

        await connection.Pipe.Input.ReadAsync(Token);

        Assert.Null(connection.Pipe.ArrivedAt);
    }

    private static void InterlockedMax(ref int target, int value)
    {
        for (int seen = Volatile.Read(ref target); value > seen;)
        {
            int before = Interlocked.CompareExchange(ref target, value, seen);
            if (before == seen)
            {
                return;
            }

            seen = before;
        }
    }

    /// <summary>A transport as sockets give it: who waits for bytes goes on where they come in.</summary>
    private sealed class Connection : IDuplexPipe
    {
        private static readonly PipeOptions Inline = new(
            readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, useSynchronizationContext: false);

        private readonly Pipe _toServer = new(Inline);
        private readonly Pipe _toClient = new(Inline);

        public Connection(ArrivalQueue queue) => Pipe = new ArrivalPipe(this, queue, Closed.Token);

        public CancellationTokenSource Closed { get; } = new();

        public ArrivalPipe Pipe { get; }

        public PipeWriter Client => _toServer.Writer;

        public PipeReader Input => _toServer.Reader;

        public PipeWriter Output => _toClient.Writer;
    }

    /// <summary>Arrivals that hold every turn until they are told to end.</summary>
    private sealed class Blockade : IDisposable
    {
        private readonly ManualResetEventSlim _end = new();

        public Blockade(ArrivalQueue queue)
        {
            using CountdownEvent begun = new(Environment.ProcessorCount);
            for (int i = 0; i < Environment.ProcessorCount; i++)
            {
                queue.Add(() =>
                {
                    begun.Signal();
                    _end.Wait(LongestTest);
                });
            }

            Assert.True(begun.Wait(LongestTest));
        }

        private Blockade()
        {
        }

        public static Blockade None => new();

        public void End() => _end.Set();

        public void Dispose() => End();
    }
}
