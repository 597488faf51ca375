using ChineseClip.Vectors.Graph;
using ChineseClip.Vectors.Persistence;

namespace ChineseClip.Vectors.Quantization;

/// <summary>Decides when the quantizer is fitted and landmarks are chosen anew, and replaces the code book without stopping searches.</summary>
/// <remarks>
/// Fits at 64 live vectors and again each time they are eightfold, so that all fits together encode each vector 1.15 times; and when
/// more of the elements lately written lay outside the range than the fit explains (by 1 %), because the data changed.
/// Where more than 1 % of the sample itself would be clipped the range is doubled.
/// Landmarks are chosen when a part of the vectors was written or removed since.
/// Threads: the writer. An old book is freed when the readers that began under it are gone.
/// </remarks>
internal sealed class CodeBookUpkeep(GraphStore store, ReaderEpochs epochs) : IDisposable
{
    private const int FirstFit = 64;
    private const int FitGrowth = 8;
    private const int MaxSample = 8192;
    private const double MaxClippedShare = 0.01;
    private const int MaxWidenings = 4;
    private const int MinEncodedToJudge = 1024;

    private const int LandmarksOutlive = 32;
    private const int MinWritesForLandmarks = 64;

    private readonly Queue<(CodeBook Book, long Epoch)> _outdated = new();
    private CodeBook _current = new(ScalarQuantizer.Untrained(store.Dimension), null, store.Dimension, store.Clock);
    private int _nextFit = FirstFit;
    private long _encodedAtFit;
    private long _clippedAtFit;
    private int _writesSinceLandmarks;

    public CodeBook Current => Volatile.Read(ref _current);

    /// <summary>How often the quantizer was fitted.</summary>
    public int FitCount { get; private set; }

    /// <summary>Does the share of some writes: frees outdated books, fits and chooses landmarks when due.</summary>
    public void Step(int liveCount, int writeCount)
    {
        while (_outdated.TryPeek(out (CodeBook Book, long Epoch) oldest) && epochs.HasPassed(oldest.Epoch))
        {
            _outdated.Dequeue().Book.Dispose();
        }
        if (liveCount >= _nextFit || (liveCount >= FirstFit && IsClipping(liveCount)))
        {
            Fit(liveCount);
        }
        _writesSinceLandmarks += writeCount;
        if (_writesSinceLandmarks > Math.Max(MinWritesForLandmarks, liveCount / LandmarksOutlive))
        {
            ChooseLandmarks();
        }
    }

    /// <summary>Chooses landmarks among what is there now.</summary>
    public void ChooseLandmarks()
    {
        _current.ChooseLandmarks(store);
        _writesSinceLandmarks = 0;
    }

    /// <summary>Adds the codes to a snapshot; chooses landmarks, so that searches start from the same when it is opened.</summary>
    public void Capture(SnapshotCapture capture)
    {
        ChooseLandmarks();
        _current.Capture(capture, store.SlotCount);
        capture.AddNumber("nextFit", _nextFit);
        capture.AddNumber("encodedAtFit", _encodedAtFit);
        capture.AddNumber("clippedAtFit", _clippedAtFit);
    }

    /// <summary>Takes the codes from a snapshot; before the first search.</summary>
    public void Restore(SnapshotImage image)
    {
        _nextFit = image.Number("nextFit", FirstFit, int.MaxValue);
        _encodedAtFit = image.Number("encodedAtFit");
        _clippedAtFit = image.Number("clippedAtFit");
        CodeBook untrained = _current;
        _current = CodeBook.Restore(image, store, () => store.SlotCount < FirstFit ? [] : Sample([]));
        untrained.Dispose();
        ChooseLandmarks();
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
        double clippedShareAtFit = (double)_clippedAtFit / Math.Max(1, _encodedAtFit) / store.Dimension;
        return encoded >= Math.Max(MinEncodedToJudge, liveCount / FitGrowth)
            && clipped > (MaxClippedShare + (2 * clippedShareAtFit)) * encoded * store.Dimension;
    }

    /// <summary>Fits before many vectors are added, to a sample of them and of those that are there, when a fit would come due.</summary>
    public void PrepareFor(ReadOnlySpan<float> coming, int liveCount)
    {
        int total = liveCount + (coming.Length / store.Dimension);
        if (total >= _nextFit)
        {
            Fit(total, coming);
        }
    }

    private void Fit(int liveCount, ReadOnlySpan<float> coming = default)
    {
        List<float[]> sample = Sample(coming);
        ScalarQuantizer.Trainer trainer = new(store.Dimension);
        sample.ForEach(row => trainer.Add(row));
        ScalarQuantizer quantizer = trainer.Train();
        for (int i = 0; i < MaxWidenings && ClippedShare(quantizer, sample) > MaxClippedShare; i++)
        {
            quantizer = quantizer.Widen();    // few dimensions carry it all: what clips cannot be told apart
        }
        Replace(quantizer, CodeBook.FitSketch(quantizer, sample));
        while (_nextFit <= liveCount)
        {
            _nextFit *= FitGrowth;
        }
        FitCount++;
    }

    // Spread evenly over the live slots and the rows that are coming.
    private List<float[]> Sample(ReadOnlySpan<float> coming)
    {
        int dimension = store.Dimension;
        int stride = Math.Max(1, (store.SlotCount + (coming.Length / dimension)) / MaxSample);
        List<float[]> sample = [];
        for (int ordinal = 0; ordinal < store.SlotCount; ordinal += stride)
        {
            if (store.State(ordinal) == NodeState.Live)
            {
                float[] row = new float[dimension];
                store.Vectors.CopyTo(ordinal, row);
                sample.Add(row);
            }
        }
        for (int i = 0; i < coming.Length; i += stride * dimension)
        {
            sample.Add(coming.Slice(i, dimension).ToArray());
        }
        return sample;
    }

    private double ClippedShare(ScalarQuantizer quantizer, List<float[]> sample)
    {
        byte[] codes = new byte[_current.RowBytes];
        return sample.Sum(row => (double)quantizer.Encode(row, codes)) / Math.Max(1, sample.Count) / store.Dimension;
    }

    private void Replace(ScalarQuantizer quantizer, PrincipalSketch? sketch)
    {
        CodeBook book = new(quantizer, sketch, store.Dimension, store.Clock);
        book.EnsureRows(store.SlotCount);
        float[] row = new float[store.Dimension];
        for (int ordinal = 0; ordinal < store.SlotCount; ordinal++)
        {
            store.Vectors.CopyTo(ordinal, row);
            book.Write(ordinal, row);
        }
        book.ChooseLandmarks(store);
        CodeBook old = _current;
        Volatile.Write(ref _current, book);
        _outdated.Enqueue((old, epochs.Advance()));
        (_encodedAtFit, _clippedAtFit) = (book.EncodedCount, book.ClippedCount);
    }
}
