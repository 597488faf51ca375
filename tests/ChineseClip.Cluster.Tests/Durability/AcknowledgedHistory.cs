namespace ChineseClip.Cluster.Tests.Durability;

/// <summary>What clients were told, and what they asked without hearing an answer. An unanswered operation may have happened or not.</summary>
internal sealed class AcknowledgedHistory
{
    private readonly Lock _lock = new();
    private readonly HashSet<string> _present = [];
    private readonly HashSet<string> _unknown = [];

    public int AcknowledgedCount { get; private set; }

    public void Begin(string id, bool delete)
    {
        lock (_lock)
        {
            _unknown.Add(id);
            if (delete)
            {
                _present.Remove(id);
            }
        }
    }

    public void Acknowledge(string id, bool delete)
    {
        lock (_lock)
        {
            _unknown.Remove(id);
            AcknowledgedCount++;
            if (!delete)
            {
                _present.Add(id);
            }
        }
    }

    /// <summary>Nothing acknowledged is missing, nothing deleted is back, nothing is there twice or from nowhere.</summary>
    public void AssertHolds(IReadOnlyList<string> stored)
    {
        lock (_lock)
        {
            Assert.Equal(stored.Count, stored.Distinct().Count());
            Assert.Empty(_present.Except(stored));
            Assert.Empty(stored.Except(_present).Except(_unknown));

            // What was unknown has been seen now: from here on it must stay as it is.
            _present.UnionWith(stored);
            _unknown.Clear();
        }
    }
}
