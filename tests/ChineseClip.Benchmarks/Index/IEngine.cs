namespace ChineseClip.Benchmarks.Index;

/// <summary>An index that holds the data of the run: ours, or another library's in a process of its own.</summary>
internal interface IEngine : IDisposable
{
    string Name { get; }

    Duration Build { get; }

    double LearnSeconds { get; }

    long Bytes { get; }

    /// <summary>Answers all queries of a kind once, on one thread.</summary>
    CurvePoint Search(string kind, int ef);
}
