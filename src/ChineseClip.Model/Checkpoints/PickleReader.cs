using System.Buffers.Binary;
using System.Text;

namespace ChineseClip.Model.Checkpoints;

/// <summary>Reads the pickle that torch.save writes, and nothing more.</summary>
/// <remarks>
/// A pickle is a program; this machine knows the opcodes that build plain values and tensors, and refuses every other one, and
/// every global but those of tensors, by name. Nothing is ever executed. It uses no recursion, and its memory is bounded by the
/// length of the pickle, which is bounded too.
/// Source: CPython Lib/pickletools.py (opcodes of protocols 2 to 4); torch/_utils.py, _rebuild_tensor_v2.
/// </remarks>
/// <param name="pickle">What holds the pickle.</param>
/// <param name="file">The file's name, for messages.</param>
/// <param name="start">Where the pickle begins.</param>
internal sealed class PickleReader(byte[] pickle, string file, int start = 0)
{
    public const int MaxBytes = 8 << 20;
    private const int MaxRank = TensorShape.MaxRank;
    private const int MaxShown = 100;
    private static readonly object Mark = new();
    private readonly List<object?> _stack = [];
    private readonly Dictionary<int, object?> _memo = [];
    private int _position = start;

    /// <summary>Receives every storage that is referred to, by its key; null where nobody asks.</summary>
    public Dictionary<string, TorchStorage>? Storages { get; init; }

    /// <summary>Where the pickle has ended, once it is read.</summary>
    public int Position => _position;

    /// <exception cref="ModelFormatException">An opcode or global is not among the known ones, or the pickle is damaged.</exception>
    public object? Read()
    {
        while (true)
        {
            int at = _position;
            byte opcode = Take(1)[0];
            if (opcode == (byte)'.')
            {
                return Pop();
            }

            if (!ReadConstant(opcode) && !ReadContainer(opcode) && !ReadMemo(opcode) && !ReadObject(opcode))
            {
                string shown = opcode is > 0x20 and < 0x7F ? $"'{(char)opcode}'" : $"0x{opcode:X2}";
                throw Wrong(at, $"has the opcode {shown}, which tensors do not need; it is refused");
            }
        }
    }

    private bool ReadConstant(byte opcode)
    {
        switch (opcode)
        {
            case 0x80: // PROTO
                RequireProtocol(Take(1)[0]);
                return true;
            case 0x95: // FRAME
                Take(8);
                return true;
            case (byte)'N':
                _stack.Add(null);
                return true;
            case 0x88: // NEWTRUE
                _stack.Add(true);
                return true;
            case 0x89: // NEWFALSE
                _stack.Add(false);
                return true;
            case (byte)'K': // BININT1
                _stack.Add((long)Take(1)[0]);
                return true;
            case (byte)'M': // BININT2
                _stack.Add((long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2)));
                return true;
            case (byte)'J': // BININT
                _stack.Add((long)BinaryPrimitives.ReadInt32LittleEndian(Take(4)));
                return true;
            case 0x8A: // LONG1
                _stack.Add(ReadLong());
                return true;
            case (byte)'G': // BINFLOAT
                _stack.Add(BinaryPrimitives.ReadDoubleBigEndian(Take(8)));
                return true;
            case (byte)'X': // BINUNICODE
                _stack.Add(Encoding.UTF8.GetString(Take(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)))));
                return true;
            case 0x8C: // SHORT_BINUNICODE
                _stack.Add(Encoding.UTF8.GetString(Take(Take(1)[0])));
                return true;
            default:
                return false;
        }
    }

    private bool ReadContainer(byte opcode)
    {
        switch (opcode)
        {
            case (byte)'(':
                _stack.Add(Mark);
                return true;
            case (byte)')': // EMPTY_TUPLE
                _stack.Add(Array.Empty<object?>());
                return true;
            case (byte)'t': // TUPLE
                _stack.Add(PopToMark());
                return true;
            case 0x85 or 0x86 or 0x87: // TUPLE1, TUPLE2, TUPLE3
                _stack.Add(PopMany(opcode - 0x84));
                return true;
            case (byte)']': // EMPTY_LIST
                _stack.Add(new List<object?>());
                return true;
            case (byte)'a': // APPEND
                Append([Pop()]);
                return true;
            case (byte)'e': // APPENDS
                Append(PopToMark());
                return true;
            case (byte)'}': // EMPTY_DICT
                _stack.Add(new PickleDictionary());
                return true;
            case (byte)'s': // SETITEM
                SetItems(PopMany(2));
                return true;
            case (byte)'u': // SETITEMS
                SetItems(PopToMark());
                return true;
            default:
                return false;
        }
    }

    private bool ReadMemo(byte opcode)
    {
        switch (opcode)
        {
            case (byte)'q': // BINPUT
                _memo[Take(1)[0]] = Peek();
                return true;
            case (byte)'r': // LONG_BINPUT
                _memo[BinaryPrimitives.ReadInt32LittleEndian(Take(4))] = Peek();
                return true;
            case 0x94: // MEMOIZE
                _memo[_memo.Count] = Peek();
                return true;
            case (byte)'h': // BINGET
                _stack.Add(Recall(Take(1)[0]));
                return true;
            case (byte)'j': // LONG_BINGET
                _stack.Add(Recall(BinaryPrimitives.ReadInt32LittleEndian(Take(4))));
                return true;
            default:
                return false;
        }
    }

    private bool ReadObject(byte opcode)
    {
        switch (opcode)
        {
            case (byte)'c': // GLOBAL
                string module = TakeLine();
                _stack.Add(Global($"{module}.{TakeLine()}"));
                return true;
            case 0x93: // STACK_GLOBAL
                object?[] names = PopMany(2);
                _stack.Add(Global($"{names[0] as string}.{names[1] as string}"));
                return true;
            case (byte)'Q': // BINPERSID
                _stack.Add(Storage(Pop() as object?[]));
                return true;
            case (byte)'R': // REDUCE
                object?[]? arguments = Pop() as object?[];
                _stack.Add(Reduce(Pop() as PickleGlobal, arguments));
                return true;
            case (byte)'b': // BUILD: only the attributes of a state dict (_metadata), which tensors do not need
                Pop();
                if (Peek() is not PickleDictionary)
                {
                    throw Wrong(_position, "sets the attributes of something that is no dictionary; it is refused");
                }

                return true;
            default:
                return false;
        }
    }

    private PickleGlobal Global(string name) =>
        name is "collections.OrderedDict" or "torch._utils._rebuild_tensor_v2" or "torch._utils._rebuild_parameter"
            || (name.StartsWith("torch.", StringComparison.Ordinal)
                && name.EndsWith("Storage", StringComparison.Ordinal)
                && name.IndexOf('.', "torch.".Length) < 0)
            ? new PickleGlobal(name)
            : throw Wrong(_position, $"names the global \"{(name.Length > MaxShown ? name[..MaxShown] + "…" : name)}\", which tensors do not need; it is refused");

    private TorchStorage Storage(object?[]? id)
    {
        // Before torch 1.6 a sixth item could tell a view; no tensor of a state dict has one.
        if (id is not (["storage", PickleGlobal, string, string, long] or ["storage", PickleGlobal, string, string, long, null])
            || id[1] is not PickleGlobal type || !type.Name.EndsWith("Storage", StringComparison.Ordinal) || (long)id[4]! < 0)
        {
            throw Wrong(_position, "refers to a storage in an unknown way");
        }

        var storage = new TorchStorage(type.Name, (string)id[2]!, (long)id[4]!);
        Storages?[storage.Key] = storage;
        return storage;
    }

    private object Reduce(PickleGlobal? function, object?[]? arguments)
    {
        switch (function?.Name, arguments)
        {
            case ("collections.OrderedDict", []):
                return new PickleDictionary();
            case ("torch._utils._rebuild_tensor_v2", [TorchStorage storage, long offset, object?[] shape, object?[] strides, ..]):
                return new TorchTensor(storage, offset, WholeNumbers(shape), WholeNumbers(strides));
            case ("torch._utils._rebuild_parameter", [TorchTensor tensor, ..]):
                return tensor;
            default:
                throw Wrong(_position, $"calls {function?.Name ?? "an unknown value"} with arguments tensors do not have; it is refused");
        }
    }

    private long[] WholeNumbers(object?[] values)
    {
        if (values.Length > MaxRank)
        {
            throw Wrong(_position, $"has a tensor of {values.Length} dimensions; at most {MaxRank} are read");
        }

        return [.. values.Select(v => v is long number ? number : throw Wrong(_position, "has a tensor dimension that is no whole number"))];
    }

    private void RequireProtocol(int protocol)
    {
        if (protocol is < 2 or > 5)
        {
            throw Wrong(_position, $"is of protocol {protocol}; 2..5 are read");
        }
    }

    private long ReadLong()
    {
        ReadOnlySpan<byte> bytes = Take(Take(1)[0]);
        if (bytes.Length > 8)
        {
            throw Wrong(_position, $"has a whole number of {bytes.Length} bytes; at most 8 are read");
        }

        long value = bytes.Length > 0 && bytes[^1] >= 0x80 ? -1 : 0;
        for (int i = bytes.Length - 1; i >= 0; i--)
        {
            value = (value << 8) | bytes[i];
        }

        return value;
    }

    private void Append(ReadOnlySpan<object?> values)
    {
        if (Peek() is not List<object?> list)
        {
            throw Wrong(_position, "appends to something that is no list");
        }

        list.AddRange(values);
    }

    private void SetItems(object?[] pairs)
    {
        if (Peek() is not PickleDictionary dictionary || pairs.Length % 2 != 0)
        {
            throw Wrong(_position, "sets items of something that is no dictionary");
        }

        for (int i = 0; i < pairs.Length; i += 2)
        {
            dictionary.Items.Add(new(pairs[i], pairs[i + 1]));
        }
    }

    private object? Recall(int index) =>
        _memo.TryGetValue(index, out object? value) ? value : throw Wrong(_position, $"recalls {index}, which it never kept");

    private object? Peek() => _stack.Count > 0 ? _stack[^1] : throw Wrong(_position, "takes from an empty stack");

    private object? Pop()
    {
        object? value = Peek();
        _stack.RemoveAt(_stack.Count - 1);
        return value != Mark ? value : throw Wrong(_position, "takes a mark for a value");
    }

    private object?[] PopMany(int count)
    {
        object?[] values = new object?[count];
        for (int i = count - 1; i >= 0; i--)
        {
            values[i] = Pop();
        }

        return values;
    }

    private object?[] PopToMark()
    {
        int mark = _stack.LastIndexOf(Mark);
        if (mark < 0)
        {
            throw Wrong(_position, "closes what it never opened");
        }

        object?[] values = [.. _stack[(mark + 1)..]];
        _stack.RemoveRange(mark, _stack.Count - mark);
        return values;
    }

    private ReadOnlySpan<byte> Take(long count)
    {
        if (count > pickle.Length - _position)
        {
            throw Wrong(_position, "ends too early");
        }

        _position += (int)count;
        return pickle.AsSpan(_position - (int)count, (int)count);
    }

    private string TakeLine()
    {
        int length = pickle.AsSpan(_position).IndexOf((byte)'\n');
        if (length is < 0 or > 256)
        {
            throw Wrong(_position, "has a name without an end");
        }

        string line = Encoding.UTF8.GetString(Take(length));
        Take(1);
        return line;
    }

    private ModelFormatException Wrong(int position, string detail) => new(file, $"its pickle {detail} (at byte {position})");
}
