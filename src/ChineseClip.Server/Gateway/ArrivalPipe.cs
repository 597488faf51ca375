using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace ChineseClip.Server.Gateway;

/// <summary>A connection's transport whose reader goes on in its turn of the <see cref="ArrivalQueue"/>.</summary>
/// <remarks>While a request of it is let in, it goes on at once: the rest of a body must not wait behind others' requests.</remarks>
internal sealed class ArrivalPipe(IDuplexPipe transport, ArrivalQueue queue, CancellationToken closed) : PipeReader, IDuplexPipe
{
    /// <summary>Who finds the next request in memory each time, as one who sends many at once does, waits for a turn now and then, too.</summary>
    private const int MostReadsInTurn = 16;

    private int _letIn;
    private int _readsInTurn;
    private long _arrivedAt;
    private bool _hasBegun;

    public PipeReader Input => this;

    public PipeWriter Output => transport.Output;

    /// <summary>When the bytes of the request came that has its turn; null when they did not wait for one.</summary>
    public long? ArrivedAt => Volatile.Read(ref _arrivedAt) is var arrivedAt and not 0 ? arrivedAt : null;

    private bool IsLetIn => Volatile.Read(ref _letIn) > 0;

    /// <summary>A request of this connection is let in.</summary>
    /// <returns>When its bytes came; null when it did not wait for a turn.</returns>
    public long? LetIn()
    {
        Interlocked.Increment(ref _letIn);
        long arrivedAt = Interlocked.Exchange(ref _arrivedAt, 0);
        return arrivedAt == 0 ? null : arrivedAt;
    }

    public void Leave() => Interlocked.Decrement(ref _letIn);

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        ValueTask<ReadResult> read = transport.Input.ReadAsync(cancellationToken);
        if (read.IsCompleted && _hasBegun && (IsLetIn || ++_readsInTurn < MostReadsInTurn))
        {
            Volatile.Write(ref _arrivedAt, 0);
            return read;    // it did not wait for its bytes, and it has a turn
        }

        _readsInTurn = 0;
        _hasBegun = true;
        return ReadInTurnAsync(read);
    }

    public override bool TryRead(out ReadResult result) => transport.Input.TryRead(out result);

    public override void AdvanceTo(SequencePosition consumed) => transport.Input.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => transport.Input.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => transport.Input.CancelPendingRead();

    public override void Complete(Exception? exception = null) => transport.Input.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => transport.Input.CompleteAsync(exception);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> ReadInTurnAsync(ValueTask<ReadResult> read)
    {
        ReadResult result = await new Turn(this, read);
        return !IsLetIn && closed.IsCancellationRequested && queue.IsLongAgo(_arrivedAt)
            ? new ReadResult(result.Buffer.Slice(result.Buffer.End), isCanceled: false, isCompleted: true)
            : result;
    }

    private void Resume(Action continuation)
    {
        _arrivedAt = queue.Now();
        if (IsLetIn)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static action => action(), continuation, preferLocal: false);
        }
        else
        {
            queue.Add(continuation);
        }
    }

    /// <summary>Awaits a read, and then its turn; what the read throws is thrown once.</summary>
    private readonly struct Turn(ArrivalPipe pipe, ValueTask<ReadResult> read) : ICriticalNotifyCompletion
    {
        private readonly ValueTaskAwaiter<ReadResult> _read = read.GetAwaiter();

        public bool IsCompleted => false;

        public Turn GetAwaiter() => this;

        public ReadResult GetResult() => _read.GetResult();

        public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

        public void UnsafeOnCompleted(Action continuation)
        {
            if (_read.IsCompleted)
            {
                pipe.Resume(continuation);
                return;
            }

            ArrivalPipe resumed = pipe;
            _read.UnsafeOnCompleted(() => resumed.Resume(continuation));
        }
    }
}
