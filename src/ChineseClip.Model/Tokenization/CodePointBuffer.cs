using System.Buffers;

namespace ChineseClip.Model.Tokenization;

/// <summary>A growing list of code points: first in the caller's memory, then in a pooled array.</summary>
internal ref struct CodePointBuffer(Span<int> initial)
{
    private Span<int> _items = initial;
    private int[]? _pooled;

    public int Count { get; private set; }

    public readonly Span<int> Items => _items[..Count];

    public void Add(int codePoint)
    {
        if (Count == _items.Length)
        {
            Grow();
        }

        _items[Count++] = codePoint;
    }

    public void Clear() => Count = 0;

    public void Truncate(int count) => Count = count;

    public readonly void Dispose()
    {
        if (_pooled is not null)
        {
            ArrayPool<int>.Shared.Return(_pooled);
        }
    }

    private void Grow()
    {
        var larger = ArrayPool<int>.Shared.Rent(_items.Length * 2);
        _items.CopyTo(larger);
        if (_pooled is not null)
        {
            ArrayPool<int>.Shared.Return(_pooled);
        }

        _items = _pooled = larger;
    }
}
