using System.Buffers.Binary;
using System.Text;

namespace ChineseClip.Model.Tests.Fuzzing;

/// <summary>Damage that keeps a pickle a row of opcodes with their arguments.</summary>
/// <remarks>Source: CPython, pickletools.py.</remarks>
internal static class PickleMutations
{
    private static readonly byte[][] Spare =
    [
        .. "(|t|e|u|s|a|b|R|Q|N|.|)|]|}|0|1|2".Split('|').Select(Encoding.Latin1.GetBytes),
        [0x85], [0x86], [0x87], [0x88], [0x89], [0x94], [0x93], [0x8A, 2, 1, 0x80], [0x8A, 8, 255, 255, 255, 255, 255, 255, 255, 127], [0x8A, 9, 0, 0, 0, 0, 0, 0, 0, 0, 1],
        [.. "h\0"u8], [.. "q\0"u8], [.. "K\u0001"u8], [.. "M\u0000\u0001"u8], [.. "G@\0\0\0\0\0\0\0"u8], [.. "j\u0001\0\0\0"u8], [0x95, 1, 0, 0, 0, 0, 0, 0, 0],
        .. "ctorch\nFloatStorage\n|ctorch\nHalfStorage\n|ctorch\nBFloat16Storage\n|ctorch\nLongStorage\n|ctorch\nDoubleStorage\n|ctorch._utils\n_rebuild_tensor_v2\n|ctorch._utils\n_rebuild_parameter\n|ccollections\nOrderedDict\n|cos\nsystem\n|cbuiltins\ngetattr\n"
            .Split('|').Select(Encoding.Latin1.GetBytes),
        .. new[] { "storage", "state_dict", "0", "module.", "cpu", "" }.Select(Text),
    ];

    public static byte[] Mutate(byte[] pickle, Random random)
    {
        List<byte[]> operations = Split(pickle);
        int changes = 1 + random.Next(3);
        for (int i = 0; i < changes && operations.Count > 0; i++)
        {
            int which = random.Next(operations.Count);
            switch (random.Next(6))
            {
                case 0:
                    operations[which] = Spare[random.Next(Spare.Length)];
                    break;
                case 1:
                    operations.Insert(which, Spare[random.Next(Spare.Length)]);
                    break;
                case 2 when operations.Count < 100_000:
                    int first = random.Next(operations.Count);
                    operations.InsertRange(which, operations.GetRange(first, Math.Min(operations.Count - first, 1 << random.Next(6))));
                    break;
                case 3 when Numeric(operations[which]):
                    operations[which] = ByteMutations.Overwrite([.. operations[which]], 1, ByteMutations.TellingNumber(random), operations[which].Length - 1, false);
                    break;
                case 4:
                    operations[which] = Number(ByteMutations.TellingNumber(random));
                    break;
                default:
                    ByteMutations.Parts(operations, random);
                    break;
            }
        }

        return [.. operations.SelectMany(o => o)];
    }

    private static bool Numeric(byte[] operation) => operation is [(byte)'K' or (byte)'M' or (byte)'J', _, ..];

    private static byte[] Number(long value)
    {
        byte[] bytes = new byte[10];
        (bytes[0], bytes[1]) = (0x8A, 8);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(2), value);
        return bytes;
    }

    private static byte[] Text(string text) => [(byte)'X', (byte)text.Length, 0, 0, 0, .. Encoding.ASCII.GetBytes(text)];

    /// <summary>Opcode by opcode; what comes after a broken one stays in one piece.</summary>
    private static List<byte[]> Split(byte[] pickle)
    {
        var operations = new List<byte[]>();
        int place = 0;
        while (place < pickle.Length)
        {
            int length = Length(pickle.AsSpan(place));
            operations.Add(pickle[place..Math.Min(pickle.Length, place + length)]);
            place += length;
        }

        return operations;
    }

    private static int Length(ReadOnlySpan<byte> rest)
    {
        int length = rest[0] switch
        {
            0x80 or (byte)'K' or (byte)'q' or (byte)'h' => 2,
            (byte)'M' => 3,
            (byte)'J' or (byte)'r' or (byte)'j' => 5,
            (byte)'G' or 0x95 => 9,
            0x8A or 0x8C when rest.Length > 1 => 2 + rest[1],
            (byte)'X' when rest.Length > 5 => (int)Math.Min(rest.Length, 5L + BinaryPrimitives.ReadUInt32LittleEndian(rest[1..])),
            (byte)'c' => Lines(rest),
            _ => 1,
        };
        return Math.Min(length, rest.Length);
    }

    private static int Lines(ReadOnlySpan<byte> rest)
    {
        int first = rest.IndexOf((byte)'\n');
        int second = first < 0 ? -1 : rest[(first + 1)..].IndexOf((byte)'\n');
        return second < 0 ? rest.Length : first + second + 2;
    }
}
