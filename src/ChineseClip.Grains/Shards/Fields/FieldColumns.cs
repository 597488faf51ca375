using System.Text.Json;

namespace ChineseClip.Grains.Shards.Fields;

/// <summary>The columns of the fields that filters ask for; the one that was not used for longest makes room when there are too many.</summary>
/// <remarks>Threads: one writer, or many readers.</remarks>
internal sealed class FieldColumns(int capacity = FieldColumns.DefaultCapacity)
{
    public const int DefaultCapacity = 64;

    private readonly Dictionary<string, FieldColumn> _byField = new(StringComparer.Ordinal);
    private long _clock;

    public long MemoryBytes => _byField.Values.Sum(column => column.MemoryBytes);

    public FieldColumn? Find(string field)
    {
        if (!_byField.TryGetValue(field, out FieldColumn? column))
        {
            return null;
        }

        column.LastUse = Interlocked.Increment(ref _clock);
        return column;
    }

    public void Add(FieldColumn column)
    {
        if (_byField.Count >= capacity)
        {
            _byField.Remove(_byField.Values.MinBy(known => known.LastUse)!.Name);
        }

        column.LastUse = Interlocked.Increment(ref _clock);
        _byField[column.Name] = column;
    }

    /// <summary>The item in a slot is another one now, or none.</summary>
    public void Set(int slot, ReadOnlyMemory<byte>? payload)
    {
        if (_byField.Count == 0)
        {
            return;
        }

        using JsonDocument? document = payload is { } bytes ? JsonDocument.Parse(bytes) : null;
        foreach (FieldColumn column in _byField.Values)
        {
            column.Set(slot, document?.RootElement);
        }
    }
}
