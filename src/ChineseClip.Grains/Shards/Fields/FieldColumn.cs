using System.Runtime.InteropServices;
using System.Text.Json;
using ChineseClip.Vectors;

namespace ChineseClip.Grains.Shards.Fields;

/// <summary>
/// One payload field of all items, parsed once: equal values share a code, and a slot has the code of its item's values. A condition is
/// tried once for each different value; then a pass over the codes finds the items.
/// </summary>
/// <remarks>
/// Threads: one writer, or many readers.  Cost of a filter: one look-up a slot (200,000 slots in well under a millisecond) and one
/// trial a different value.  Memory: 4 bytes a slot, and about 150 bytes a different value.
/// </remarks>
internal sealed class FieldColumn(string name)
{
    private const int NothingCode = 0;
    private const int BytesPerValue = 150;

    private readonly Dictionary<FieldValues, int> _codeOf = new() { [FieldValues.Nothing] = NothingCode };
    private readonly List<FieldValues?> _values = [FieldValues.Nothing];
    private readonly List<int> _uses = [0];
    private readonly Stack<int> _free = new();
    private readonly string[] _path = PayloadFields.Path(name);
    private int[] _codes = [];

    public string Name => name;

    public long MemoryBytes => ((long)_codes.Length * sizeof(int)) + ((long)_codeOf.Count * BytesPerValue);

    /// <summary>When it was last used, by the clock of its owner.</summary>
    public long LastUse { get; set; }

    public void Set(int slot, JsonElement? payload) =>
        Set(slot, payload is { } root ? PayloadFields.Read(root, _path) : FieldValues.Nothing);

    public void Set(int slot, ReadOnlyMemory<byte>? payload) => Set(slot, PayloadFields.Read(payload, _path));

    public FieldValues At(int slot) => slot < _codes.Length ? _values[_codes[slot]]! : FieldValues.Nothing;

    /// <summary>The slots below <paramref name="slotCount"/> whose values pass, those without an item among them.</summary>
    public OrdinalSet Matching(Func<FieldValues, bool> passes, int slotCount)
    {
        bool[] passing = new bool[_values.Count];
        for (int code = 0; code < passing.Length; code++)
        {
            passing[code] = _values[code] is { } values && passes(values);
        }

        OrdinalSet matching = new(slotCount);
        ReadOnlySpan<int> codes = _codes.AsSpan(0, Math.Min(slotCount, _codes.Length));
        for (int slot = 0; slot < codes.Length; slot++)
        {
            if (passing[codes[slot]])
            {
                matching.Add(slot);
            }
        }

        for (int slot = codes.Length; slot < slotCount && passing[NothingCode]; slot++)
        {
            matching.Add(slot);
        }

        return matching;
    }

    /// <summary>Calls <paramref name="count"/> with each different value set among the slots and how many of them have it.</summary>
    public void Count(OrdinalSet slots, Action<FieldValues, int> count)
    {
        int[] counts = new int[_values.Count];
        for (int slot = slots.NextAtLeast(0); slot >= 0; slot = slots.NextAtLeast(slot + 1))
        {
            counts[slot < _codes.Length ? _codes[slot] : NothingCode]++;
        }

        for (int code = 0; code < counts.Length; code++)
        {
            if (counts[code] > 0)
            {
                count(_values[code]!, counts[code]);
            }
        }
    }

    private void Set(int slot, FieldValues values)
    {
        if (slot >= _codes.Length)
        {
            Array.Resize(ref _codes, Math.Max(slot + 1, _codes.Length * 2));
        }

        int old = _codes[slot];
        int code = Take(values);
        _codes[slot] = code;
        Release(old);
    }

    private int Take(FieldValues values)
    {
        if (values == FieldValues.Nothing)
        {
            return NothingCode;
        }

        ref int code = ref CollectionsMarshal.GetValueRefOrAddDefault(_codeOf, values, out bool known);
        if (!known)
        {
            if (!_free.TryPop(out code))
            {
                code = _values.Count;
                _values.Add(null);
                _uses.Add(0);
            }

            _values[code] = values;
        }

        _uses[code]++;
        return code;
    }

    private void Release(int code)
    {
        if (code != NothingCode && --_uses[code] == 0)
        {
            _codeOf.Remove(_values[code]!);
            _values[code] = null;
            _free.Push(code);
        }
    }
}
