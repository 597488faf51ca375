using System.Threading.Channels;

namespace ChineseClip.Vectors;

/// <summary>Lets an index learn from the queries it answers: remembers them, links their neighbours, and measures what that gained.</summary>
/// <remarks>
/// A query goes one of three ways: held out and measured (every n-th), known already (a search at the serving effort finds what a
/// search with much effort finds), or learned. New queries push out the old: the ring forgets the oldest, and a node whose budget of
/// edges is used up gives its oldest edge for the new one. Edges of removed items go with these; when a share of the items has
/// changed, what is remembered is learned again.
/// Threads: safe; <see cref="Work"/> runs on one thread at a time.  Ownership: the index is the caller's, and must outlive the work.
/// </remarks>
public sealed class QueryLearner
{
    private const int QueriesBetweenRests = 8;
    private static readonly TimeSpan BusyPause = TimeSpan.FromMilliseconds(100);

    private readonly HnswIndex _index;
    private readonly QueryLearnerOptions _options;
    private readonly TimeProvider _time;
    private readonly QueryRing _ring;
    private readonly RecallSample _sample;

    // Holds at most one signal: that something waits.
    private readonly Channel<bool> _arrived =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private readonly Lock _workLock = new();
    private long _seen;
    private long _learned;
    private long _known;
    private long _relearnings;
    private long _edgesAdded;
    private long _edgesReplaced;
    private long _writesAtRewind;

    public QueryLearner(HnswIndex index, QueryLearnerOptions? options = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(index);
        _options = options ?? new QueryLearnerOptions();
        _options.ThrowIfInvalid();
        _index = index;
        _time = time ?? TimeProvider.System;
        _ring = new QueryRing(index.Dimension, _options.RememberedQueries);
        _sample = new RecallSample(index, _options);
        _writesAtRewind = index.WriteCount;
    }

    /// <summary>Switches learning on and off; what was learned stays until <see cref="HnswIndex.ForgetLearned"/>.</summary>
    public bool IsEnabled { get; set; } = true;

    /// <summary>Takes note of a query that was answered. Copies a vector and returns.</summary>
    public void Observe(ReadOnlySpan<float> query)
    {
        if (!IsEnabled)
        {
            return;
        }
        long number = Interlocked.Increment(ref _seen);
        if (_options.SampleEvery > 0 && number % _options.SampleEvery == 0)
        {
            _sample.Add(query);
        }
        else
        {
            _ring.Add(query);
        }
        _arrived.Writer.TryWrite(true);
    }

    /// <summary>Deals with queries that wait, on this thread; returns with how many, 0 when none waits.</summary>
    public int Work(int atMost, CancellationToken cancellationToken = default)
    {
        float[] query = new float[_index.Dimension];
        int done = 0;
        lock (_workLock)
        {
            RewindIfDataChanged();
            while (IsEnabled && done < atMost && !cancellationToken.IsCancellationRequested)
            {
                if (_ring.TryTake(query))
                {
                    Learn(query);
                }
                else if (!_sample.MeasureNext(cancellationToken))
                {
                    break;
                }
                done++;
            }
        }
        return done;
    }

    /// <summary>Works in the background whenever queries wait, and rests in between to leave the core to others.</summary>
    /// <returns>Ends when canceled, without an exception.</returns>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);    // off the caller's thread and scheduler
        try
        {
            while (true)
            {
                await _arrived.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
                while (true)
                {
                    if (_options.IsBusy?.Invoke() == true)
                    {
                        await Task.Delay(BusyPause, _time, cancellationToken).ConfigureAwait(false);
                        continue;
                    }
                    long started = _time.GetTimestamp();
                    if (Work(QueriesBetweenRests, cancellationToken) == 0)
                    {
                        break;
                    }
                    TimeSpan rest = _time.GetElapsedTime(started) * ((1 / _options.MaxShareOfCore) - 1);
                    await Task.Delay(rest, _time, cancellationToken).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The end that was asked for.
        }
    }

    public LearningReport Report()
    {
        (int queries, double? with, double? without) = _sample.Recall();
        return new LearningReport
        {
            QueriesSeen = Interlocked.Read(ref _seen),
            QueriesLearned = Interlocked.Read(ref _learned),
            QueriesKnown = Interlocked.Read(ref _known),
            EdgesAdded = Interlocked.Read(ref _edgesAdded),
            EdgesReplaced = Interlocked.Read(ref _edgesReplaced),
            Relearnings = Interlocked.Read(ref _relearnings),
            SampledQueries = queries,
            SampledRecall = with,
            SampledRecallWithoutLearning = without,
        };
    }

    private void Learn(ReadOnlySpan<float> query)
    {
        if (_index.LearnUnlessKnown(query, _options.Learning, _options.ServingEf, _options.K) is { } edges)
        {
            Interlocked.Increment(ref _learned);
            Interlocked.Add(ref _edgesAdded, edges.Added);
            Interlocked.Add(ref _edgesReplaced, edges.Replaced);
        }
        else
        {
            Interlocked.Increment(ref _known);
        }
    }

    private void RewindIfDataChanged()
    {
        long writes = _index.WriteCount;
        if (writes - _writesAtRewind > _options.RelearnAfterChangedShare * Math.Max(1, _index.Count))
        {
            bool anythingLearned = _learned + _known > 0;
            _writesAtRewind = writes;
            if (anythingLearned)
            {
                _ring.Rewind();
                Interlocked.Increment(ref _relearnings);
            }
        }
    }
}
