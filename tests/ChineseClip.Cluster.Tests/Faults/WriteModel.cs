using System.Diagnostics;

namespace ChineseClip.Cluster.Tests.Faults;

// One writer an id, one operation of it at a time. What may be stored of an id afterwards: what the last acknowledged operation left, or what a
// later one that was never answered would have left. Nothing else: an older value is a lost write, a deleted id is a resurrected one, an id nobody
// wrote is a phantom.

/// <summary>What was asked and what was acknowledged, and what that allows to be stored.</summary>
internal sealed class WriteModel
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Item> _items = [];

    private readonly List<(int Count, TaskCompletionSource Reached)> _goals = [];

    public int AcknowledgedCount { get; private set; }

    /// <summary>Searches that showed an id after its delete had been acknowledged.</summary>
    public int ShownAfterDelete { get; private set; }

    /// <summary>Searches that showed an id nobody wrote.</summary>
    public int ShownPhantoms { get; private set; }

    /// <summary>A write or a delete (no value) begins.</summary>
    public void Begin(string id, string? value)
    {
        lock (_lock)
        {
            if (!_items.TryGetValue(id, out var item))
            {
                _items[id] = item = new Item();
            }

            item.Attempted.Add(value);
            item.AbsentSince = null;
        }
    }

    public void Acknowledge(string id, string? value)
    {
        lock (_lock)
        {
            var item = _items[id];
            item.Known = value;
            item.Attempted.Clear();
            item.AbsentSince = value is null ? Stopwatch.GetTimestamp() : null;
            AcknowledgedCount++;
            foreach (var (_, reached) in _goals.Where(goal => goal.Count <= AcknowledgedCount))
            {
                reached.TrySetResult();
            }
        }
    }

    /// <summary>Ends when so many more writes have been acknowledged.</summary>
    public Task MoreAsync(int count)
    {
        lock (_lock)
        {
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _goals.Add((AcknowledgedCount + count, reached));
            return reached.Task.WaitAsync(TimeSpan.FromMinutes(5));
        }
    }

    /// <summary>An id was shown by a search that began at a time.</summary>
    public void Saw(string id, long searchBegan)
    {
        lock (_lock)
        {
            if (!_items.TryGetValue(id, out var item))
            {
                ShownPhantoms++;
            }
            else if (item.AbsentSince is { } since && since < searchBegan)
            {
                ShownAfterDelete++;
            }
        }
    }

    /// <summary>Compares with what is stored, and takes what was open as it is found.</summary>
    public Verdict Check(IReadOnlyList<(string Id, string Value)> stored, long count)
    {
        lock (_lock)
        {
            var found = stored.GroupBy(item => item.Id).ToDictionary(group => group.Key, group => group.First().Value);
            List<string> faults = [];
            if (found.Count != stored.Count)
            {
                faults.Add($"{stored.Count - found.Count} ids come twice in the scroll");
            }

            if (count != stored.Count)
            {
                faults.Add($"count is {count} and the scroll has {stored.Count}");
            }

            var phantoms = found.Keys.Where(id => !_items.ContainsKey(id)).ToArray();
            List<string> lost = [];
            List<string> resurrected = [];
            foreach (var (id, item) in _items)
            {
                var value = found.GetValueOrDefault(id);
                if (value != item.Known && !item.Attempted.Contains(value))
                {
                    (item.Known is null ? resurrected : lost).Add($"{id}: {value ?? "absent"}, must be {item.Known ?? "absent"}");
                }

                item.Known = value;
                item.Attempted.Clear();
                item.AbsentSince = value is null ? Stopwatch.GetTimestamp() : null;
            }

            return new Verdict(stored.Count, lost, phantoms, resurrected, faults);
        }
    }

    private sealed class Item
    {
        public string? Known { get; set; }

        public HashSet<string?> Attempted { get; } = [];

        public long? AbsentSince { get; set; }
    }
}
