namespace ChineseClip.Storage.Appends;

/// <summary>The calls that are written and made durable together.</summary>
internal sealed class AppendGroup
{
    private readonly List<AppendRequest> _requests = [];

    public IReadOnlyList<AppendRequest> Requests => _requests;

    /// <summary>In the order in which they get their LSNs.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Bodies => _requests.SelectMany(request => request.Bodies);

    public int Count { get; private set; }

    /// <summary>With <see cref="GroupCommit.RecordOverheadBytes"/> for each record.</summary>
    public int Bytes { get; private set; }

    public void Add(AppendRequest request)
    {
        _requests.Add(request);
        Count += request.Bodies.Count;
        Bytes += request.Bytes;
    }
}
