using ChineseClip.Vectors.Persistence;

namespace ChineseClip.Vectors.Tests.Persistence;

/// <summary>An index and a seeded stream of changes to it: two of the same seed are the same after as many changes.</summary>
internal sealed class ChangingIndex : IDisposable
{
    private readonly Random _random;
    private readonly List<int> _ordinals = [];

    public ChangingIndex(VectorQuantization quantization, int dimension = 16, int seed = 1)
    {
        _random = new Random(seed);
        Index = new HnswIndex(new HnswParameters { Dimension = dimension, M = 6, EfConstruction = 40, Quantization = quantization });
    }

    public HnswIndex Index { get; private set; }

    public IReadOnlyList<int> Ordinals => _ordinals;

    /// <summary>Adds, removes, replaces and learns; four in five changes add while <paramref name="grow"/>, else two in five.</summary>
    public void Change(int count, bool grow)
    {
        for (int i = 0; i < count; i++)
        {
            int kind = _random.Next(5);
            if (_ordinals.Count == 0 || kind < (grow ? 4 : 2))
            {
                _ordinals.Add(Index.Add(NextVector()));
            }
            else if (kind == 4 && _random.Next(4) == 0)
            {
                Index.Learn(NextVector(), new LearningParameters { NeighborCount = 8, Ef = 40 });
            }
            else
            {
                int place = _random.Next(_ordinals.Count);
                Assert.True(Index.Remove(_ordinals[place]));
                _ordinals[place] = _ordinals[^1];
                _ordinals.RemoveAt(_ordinals.Count - 1);
            }
        }
    }

    /// <summary>Goes on with an index opened from a snapshot of this one.</summary>
    public void Replace(HnswIndex opened)
    {
        Index.Dispose();
        Index = opened;
    }

    public IndexSnapshotReport Save(string directory, string? previousDirectory = null)
    {
        using IndexSnapshot snapshot = Index.BeginSnapshot();
        return snapshot.Write(directory, previousDirectory);
    }

    public void Dispose() => Index.Dispose();

    private float[] NextVector() => RandomVectors.CreateOne(_random, Index.Dimension);
}
