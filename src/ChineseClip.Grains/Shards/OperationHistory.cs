using ChineseClip.Abstractions;

namespace ChineseClip.Grains.Shards;

/// <summary>The last writes of a shard by operation id, so that a repeated write is answered and not done again.</summary>
/// <remarks>Threads: not safe. It remembers as many as its capacity; a repetition later than that is a new write.</remarks>
internal sealed class OperationHistory(int capacity = OperationHistory.DefaultCapacity)
{
    public const int DefaultCapacity = 4096;

    private readonly Dictionary<Guid, Task<ShardWriteAnswer>> _answers = [];
    private readonly Queue<Guid> _order = new();

    public Task<ShardWriteAnswer>? Find(Guid operation) => _answers.GetValueOrDefault(operation);

    /// <summary>What has been done, oldest first.</summary>
    public List<KeyValuePair<Guid, ShardWriteAnswer>> Done()
    {
        List<KeyValuePair<Guid, ShardWriteAnswer>> done = new(_answers.Count);
        foreach (Guid operation in _order)
        {
            if (_answers.TryGetValue(operation, out Task<ShardWriteAnswer>? answer) && answer.IsCompletedSuccessfully)
            {
                done.Add(new KeyValuePair<Guid, ShardWriteAnswer>(operation, answer.Result));
            }
        }

        return done;
    }

    public void Add(Guid operation, Task<ShardWriteAnswer> answer)
    {
        if (operation == Guid.Empty)
        {
            return;
        }

        if (_answers.TryAdd(operation, answer))
        {
            _order.Enqueue(operation);
        }
        else
        {
            _answers[operation] = answer;
        }

        while (_order.Count > capacity)
        {
            _answers.Remove(_order.Dequeue());
        }
    }

    /// <summary>Forgets a write that did not happen. Its place in the order stays until it is its turn.</summary>
    public void Remove(Guid operation) => _answers.Remove(operation);
}
