using ChineseClip.Abstractions;
using ChineseClip.Grains.Configuration;
using ChineseClip.Vectors;

namespace ChineseClip.Grains.Shards;

/// <summary>Lets a shard's index learn from the text queries it answers, on a thread of its own that takes a part of one core.</summary>
/// <remarks>
/// Threads: safe.  Memory: the queries remembered, once the first text query came to a shard that is worth learning for.
/// Ownership: the index must outlive it.
/// </remarks>
internal sealed class ShardLearning(HnswIndex index, LearningOptions options, TimeProvider time, LearningTurns? turns = null)
    : IAsyncDisposable
{
    private readonly Lock _beginning = new();
    private readonly CancellationTokenSource _closing = new();
    private QueryLearner? _learner;
    private Task _work = Task.CompletedTask;

    public LearningState? Describe()
    {
        if (_learner?.Report() is not { } report)
        {
            return null;
        }

        return new LearningState
        {
            QueriesSeen = report.QueriesSeen,
            QueriesLearned = report.QueriesLearned,
            EdgesAdded = report.EdgesAdded,
            Recall = report.SampledRecall,
            RecallWithoutLearning = report.SampledRecallWithoutLearning,
        };
    }

    public void Observe(ReadOnlySpan<float> query)
    {
        if (options.IsEnabled && index.Count >= options.FromItems)
        {
            (_learner ?? Begin())?.Observe(query);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        Task work;
        lock (_beginning)
        {
            work = _work;
        }

        await work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        turns?.Remove(this);
    }

    private QueryLearner? Begin()
    {
        lock (_beginning)
        {
            if (_learner is null && !_closing.IsCancellationRequested)
            {
                QueryLearner learner = new(
                    index,
                    new QueryLearnerOptions
                    {
                        RememberedQueries = options.RememberedQueries,
                        MaxShareOfCore = options.MaxShareOfCore,
                        IsBusy = turns is null ? null : () => !turns.IsTurnOf(this),
                    },
                    time);
                turns?.Add(this);
                _work = Task.Run(() => learner.RunAsync(_closing.Token), CancellationToken.None);
                _learner = learner;
            }

            return _learner;
        }
    }
}
