using ChineseClip.Vectors.Persistence;
using ChineseClip.Vectors.Quantization;

namespace ChineseClip.Vectors.Graph;

/// <summary>Writes vectors into the graph in the space it is built in: the codes where there are any, else the full vectors.</summary>
/// <remarks>Threads: the one writer, but for <see cref="LinkAll"/>, which is several threads of the one writer.</remarks>
internal sealed unsafe class GraphWriter : IDisposable
{
    // Below this many for each thread, those that are linked at the same time, blind to one another, would be too many of the graph.
    private const int LiveNodesPerThread = 16;

    private readonly GraphStore _store;
    private readonly CodeBookUpkeep? _codes;
    private readonly ReaderEpochs _epochs;
    private readonly TombstoneSweep _sweep;
    private readonly Reachability _reachability;
    private readonly int _efConstruction;
    private readonly List<GraphBuilder> _builders;

    public GraphWriter(GraphStore store, CodeBookUpkeep? codes, ReaderEpochs epochs, int efConstruction)
    {
        _store = store;
        _codes = codes;
        _epochs = epochs;
        _efConstruction = efConstruction;
        _builders = [new GraphBuilder(store, efConstruction)];
        _sweep = new TombstoneSweep(store, _builders[0], epochs);
        _reachability = new Reachability(store);
    }

    /// <summary>Adds a vector and makes it live; returns its ordinal.</summary>
    public int Add(ReadOnlySpan<float> vector, int level)
    {
        int ordinal = Allocate(level);
        WriteAndLink(ordinal, vector);
        return ordinal;
    }

    /// <summary>Takes a slot; no reader can reach it yet.</summary>
    public int Allocate(int level)
    {
        int ordinal = _store.AllocateSlot(level);
        _codes?.Current.EnsureRows(ordinal + 1);
        _store.PublishSlot(ordinal);
        return ordinal;
    }

    /// <summary>Writes vectors into allocated slots and links these, on several threads.</summary>
    /// <param name="ordinals">The slots.</param>
    /// <param name="vectors">Shape: [ordinals.Length, Dimension], row-major.</param>
    /// <param name="liveCount">Live nodes before.</param>
    /// <param name="threads">At most this many threads.</param>
    /// <remarks>
    /// Steps: (1) those that raise the entry point, and the first of a small graph, one by one; (2) the others on all threads, each
    /// taking the next that waits.
    /// </remarks>
    public void LinkAll(int[] ordinals, ReadOnlyMemory<float> vectors, int liveCount, int threads)
    {
        // Step 1.
        List<int> waiting = new(ordinals.Length);
        for (int i = 0; i < ordinals.Length; i++)
        {
            bool isFirst = liveCount + i - waiting.Count < LiveNodesPerThread * threads;
            if (threads == 1 || isFirst || _store.Node(ordinals[i]).Level > _store.Entry.Level)
            {
                WriteAndLink(ordinals[i], Row(i));
            }
            else
            {
                waiting.Add(i);
            }
        }

        // Step 2.
        while (_builders.Count < threads)
        {
            _builders.Add(new GraphBuilder(_store, _efConstruction));
        }
        int next = -1;
        Parallel.For(0, Math.Min(threads, waiting.Count), new ParallelOptions { MaxDegreeOfParallelism = threads }, worker =>
        {
            SearchContext context = _epochs.Enter();
            try
            {
                for (int i = Interlocked.Increment(ref next); i < waiting.Count; i = Interlocked.Increment(ref next))
                {
                    WriteAndLink(ordinals[waiting[i]], Row(waiting[i]), _builders[worker], context);
                }
            }
            finally
            {
                _epochs.Leave(context);
            }
        });

        ReadOnlySpan<float> Row(int i) => vectors.Span.Slice(i * _store.Dimension, _store.Dimension);
    }

    /// <summary>Nodes that are not live and yet met by searches.</summary>
    public int DeadCount => _sweep.DeadCount;

    public void AddTombstone(int ordinal) => _sweep.AddTombstone(ordinal);

    /// <summary>What every write pays for: a little of the work that removals and changing data leave behind.</summary>
    public void StepUpkeep(int liveCount, int writeCount)
    {
        _codes?.Step(liveCount, writeCount);
        for (int i = 0; i < writeCount; i++)
        {
            StepSweep(liveCount);
        }
    }

    /// <summary>Links live nodes again that no search can reach; returns how many there were.</summary>
    public int RepairReachability()
    {
        SearchContext context = _epochs.Enter();
        try
        {
            return _reachability.ForEachUnreachable(ordinal => Reconnect(ordinal, context));
        }
        finally
        {
            _epochs.Leave(context);
        }
    }

    /// <summary>Adds the graph, the codes and the work under way to a snapshot.</summary>
    public void Capture(SnapshotCapture capture)
    {
        _store.Capture(capture);
        _sweep.Capture(capture);
        _codes?.Capture(capture);
    }

    public void Restore(SnapshotImage image)
    {
        _store.Restore(image);
        _sweep.Restore(image);
        _codes?.Restore(image);
    }

    public void Dispose() => _codes?.Dispose();

    private void StepSweep(int liveCount)
    {
        if (_codes is null)
        {
            _sweep.Step(new FloatSpace(_store.Vectors.Rows, null, _store.Dimension), liveCount);
        }
        else
        {
            _sweep.Step(new CodeSpace(_codes.Current, null, 0), liveCount);
        }
        if (_sweep.IsReachabilityInDoubt)
        {
            _sweep.IsReachabilityInDoubt = false;
            RepairReachability();
        }
    }

    private void WriteAndLink(int ordinal, ReadOnlySpan<float> vector)
    {
        SearchContext context = _epochs.Enter();
        try
        {
            WriteAndLink(ordinal, vector, _builders[0], context);
        }
        finally
        {
            _epochs.Leave(context);
        }
    }

    private void WriteAndLink(int ordinal, ReadOnlySpan<float> vector, GraphBuilder builder, SearchContext context)
    {
        _store.Vectors.Write(ordinal, vector);
        if (_codes is null)
        {
            builder.Link(OpenFull(ordinal, context), ordinal, context);
            return;
        }
        _codes.Current.Write(ordinal, vector);
        builder.Link(OpenCodes(_codes.Current, ordinal, context), ordinal, context);
    }

    private void Reconnect(int ordinal, SearchContext context)
    {
        if (_codes is null)
        {
            _builders[0].Reconnect(OpenFull(ordinal, context), ordinal, context);
        }
        else
        {
            _builders[0].Reconnect(OpenCodes(_codes.Current, ordinal, context), ordinal, context);
        }
    }

    private FloatSpace OpenFull(int ordinal, SearchContext context) =>
        new(_store.Vectors.Rows, context.LoadQuery(_store, ordinal), _store.Dimension);

    private CodeSpace OpenCodes(CodeBook book, int ordinal, SearchContext context) =>
        context.SetQuery(book, new ReadOnlySpan<float>(context.LoadQuery(_store, ordinal), _store.Dimension));
}
