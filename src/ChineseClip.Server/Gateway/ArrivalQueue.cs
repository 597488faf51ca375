using System.Collections.Concurrent;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace ChineseClip.Server.Gateway;

// Why. The thread pool takes work in the order in which it comes, and a request that was let in comes back to it a dozen times: from the
// encoder, from the shards, from the disk. Under five times what a server can do, each of a thousand connections has one more request in
// that queue, to be refused; so each of the dozen waits behind a thousand refusals. They cost little, but together they made every request
// that was let in late, callers gave up and came anew, and hardly anything was answered at all.
// So what arrives waits in a queue of its own, of which the thread pool sees one piece of work (one for each processor). It works for a
// slice of time and goes to the back, behind what was let in. The longer arrivals wait the longer the slice: a refusal must not take long
// either, and what a slice costs is what stays of the processor for answers.

/// <summary>Requests whose bytes have come and that nobody has looked at; sees to it that they do not keep those from going on that were let in.</summary>
/// <remarks>Threads: safe.  Order: as they came.</remarks>
internal sealed class ArrivalQueue(TimeProvider time) : IThreadPoolWorkItem
{
    /// <summary>A slice is this part of the time that its first arrival has waited, within the bounds.</summary>
    private const int WaitPerSlice = 16;
    private static readonly TimeSpan ShortestSlice = TimeSpan.FromMilliseconds(0.5);
    private static readonly TimeSpan LongestSlice = TimeSpan.FromMilliseconds(16);

    private readonly ConcurrentQueue<Arrival> _waiting = new();
    private readonly int _mostPieces = Environment.ProcessorCount;
    private int _pieces;

    /// <summary>Who has waited longer and has gone gets nothing done for him.</summary>
    private static readonly TimeSpan LongWait = TimeSpan.FromMilliseconds(100);

    /// <summary>Puts the queue between the sockets and whatever reads from them.</summary>
    public static void AddTo(IServiceCollection services)
    {
        services.AddSingleton<ArrivalQueue>();
        // Whoever waits for bytes goes on where they came in, which is no place to work at: ArrivalPipe takes him away from there at once.
        services.Configure<SocketTransportOptions>(sockets => sockets.UnsafePreferInlineScheduling = true);
        services.AddOptions<KestrelServerOptions>().Configure<ArrivalQueue>((kestrel, queue) =>
            kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Use(next => connection =>
            {
                ArrivalPipe pipe = new(connection.Transport, queue, connection.ConnectionClosed);
                connection.Transport = pipe;
                connection.Features.Set(pipe);
                return next(connection);
            })));
    }

    /// <summary>Goes on with <paramref name="resume"/> when those before it have.</summary>
    public void Add(Action resume)
    {
        _waiting.Enqueue(new Arrival(resume, time.GetTimestamp()));
        BeginPiece();
    }

    /// <summary>The time, for <see cref="IsLongAgo"/>.</summary>
    public long Now() => time.GetTimestamp();

    public bool IsLongAgo(long then) => time.GetElapsedTime(then) > LongWait;

    public void Execute()
    {
        if (_waiting.TryDequeue(out Arrival arrival))
        {
            long start = time.GetTimestamp();
            TimeSpan slice = SliceAfter(time.GetElapsedTime(arrival.At, start));
            do
            {
                arrival.Resume();
                if (time.GetElapsedTime(start) >= slice)
                {
                    ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);    // behind what was let in meanwhile
                    return;
                }
            }
            while (_waiting.TryDequeue(out arrival));
        }

        Interlocked.Decrement(ref _pieces);
        if (!_waiting.IsEmpty)
        {
            BeginPiece();    // one came between the last look and the end
        }
    }

    internal static TimeSpan SliceAfter(TimeSpan waited) =>
        TimeSpan.FromTicks(Math.Clamp(waited.Ticks / WaitPerSlice, ShortestSlice.Ticks, LongestSlice.Ticks));

    private void BeginPiece()
    {
        for (int pieces = Volatile.Read(ref _pieces); pieces < _mostPieces;)
        {
            int seen = Interlocked.CompareExchange(ref _pieces, pieces + 1, pieces);
            if (seen == pieces)
            {
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
                return;
            }

            pieces = seen;
        }
    }

    private readonly record struct Arrival(Action Resume, long At);
}
