using ChineseClip.Vectors.Graph;

namespace ChineseClip.Vectors.Quantization;

/// <summary>Decides when the quantizer is fitted anew, and replaces the code book without stopping searches.</summary>
/// <remarks>
/// Fits at 64 live vectors and again each time they are eightfold, so that all fits together encode each vector 1.15 times; and when
/// more of the elements lately written lay outside the range than the fit explains (by 1 %), because the data changed.
/// Threads: the writer. An old book is freed when the readers that began under it are gone.
/// </remarks>
internal sealed class CodeBookUpkeep(GraphStore store, ReaderEpochs epochs) : IDisposable
{
    private const int FirstFit = 64;
    private const int FitGrowth = 8;
    private const int MaxSample = 16_384;
    private const double MaxClippedShare = 0.01;
    private const int MinEncodedToJudge = 1024;

    private readonly Queue<(CodeBook Book, long Epoch)> _outdated = new();
    private CodeBook _current = new(ScalarQuantizer.Untrained(store.Dimension), store.Dimension);
    private int _nextFit = FirstFit;
    private long _encodedAtFit;
    private long _clippedAtFit;
    private double _clippedShareAtFit;

    public CodeBook Current => Volatile.Read(ref _current);

    /// <summary>How often the quantizer was fitted.</summary>
    public int FitCount { get; private set; }

    /// <summary>Does the share of one write: frees outdated books, fits when due.</summary>
    public void Step(int liveCount)
    {
        while (_outdated.TryPeek(out (CodeBook Book, long Epoch) oldest) && epochs.HasPassed(oldest.Epoch))
        {
            _outdated.Dequeue().Book.Dispose();
        }
        if (liveCount >= _nextFit || (liveCount >= FirstFit && IsClipping(liveCount)))
        {
            Fit(liveCount);
        }
    }

    public void Dispose()
    {
        _current.Dispose();
        foreach ((CodeBook book, _) in _outdated)
        {
            book.Dispose();
        }
    }

    private bool IsClipping(int liveCount)
    {
        long encoded = _current.EncodedCount - _encodedAtFit;
        long clipped = _current.ClippedCount - _clippedAtFit;
        return encoded >= Math.Max(MinEncodedToJudge, liveCount / FitGrowth)
            && clipped > (MaxClippedShare + (2 * _clippedShareAtFit)) * encoded * store.Dimension;
    }

    private unsafe void Fit(int liveCount)
    {
        List<int> sample = [];
        int stride = Math.Max(1, store.SlotCount / MaxSample);
        for (int ordinal = 0; ordinal < store.SlotCount; ordinal += stride)
        {
            if (store.State(ordinal) == NodeState.Live)
            {
                sample.Add(ordinal);
            }
        }
        CodeBook book = new(ScalarQuantizer.Train(store.Dimension, sample.Count, (i, row) => Copy(sample[i], row)), store.Dimension);
        for (int ordinal = 0; ordinal < store.SlotCount; ordinal++)
        {
            book.Write(ordinal, new ReadOnlySpan<float>(store.Vector(ordinal), store.Dimension));
        }
        CodeBook old = _current;
        Volatile.Write(ref _current, book);
        _outdated.Enqueue((old, epochs.Advance()));
        (_encodedAtFit, _clippedAtFit) = (book.EncodedCount, book.ClippedCount);
        _clippedShareAtFit = (double)_clippedAtFit / _encodedAtFit / store.Dimension;
        while (_nextFit <= liveCount)
        {
            _nextFit *= FitGrowth;
        }
        FitCount++;
    }

    private unsafe void Copy(int ordinal, Span<float> row) => new ReadOnlySpan<float>(store.Vector(ordinal), store.Dimension).CopyTo(row);
}
