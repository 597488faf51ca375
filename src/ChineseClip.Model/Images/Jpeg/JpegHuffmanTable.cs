namespace ChineseClip.Model.Images.Jpeg;

/// <summary>A Huffman table of a JPEG file, made for finding a code and the number behind it in one look.</summary>
internal sealed class JpegHuffmanTable
{
    /// <summary>Bits that one look takes.</summary>
    public const int LookBits = 10;

    private const int LongestCode = 16;
    private readonly int[] _lastCode = new int[LongestCode + 1];
    private readonly int[] _symbolOffset = new int[LongestCode + 1];
    private readonly byte[] _symbols;

    private JpegHuffmanTable(byte[] symbols) => _symbols = symbols;

    /// <summary>
    /// For the next <see cref="LookBits"/> bits: bits used | symbol or run &lt;&lt; 8 | number &lt;&lt; 16. Where the number is 0, only the
    /// code was used and the symbol stands there; where nothing was used, the code is longer.
    /// </summary>
    public uint[] Look { get; } = new uint[1 << LookBits];

    /// <param name="counts">How many codes have 1 to 16 bits.</param>
    /// <param name="symbols">Their symbols.</param>
    /// <param name="isAlternating">Whether symbols are those of AC coefficients, whose numbers may be looked up too.</param>
    /// <returns>Null where the counts make no code.</returns>
    public static JpegHuffmanTable? Create(ReadOnlySpan<byte> counts, ReadOnlySpan<byte> symbols, bool isAlternating)
    {
        var table = new JpegHuffmanTable(symbols.ToArray());
        var code = 0;
        var index = 0;
        for (var length = 1; length <= LongestCode; length++)
        {
            table._symbolOffset[length] = index - code;
            for (var i = 0; i < counts[length - 1]; i++)
            {
                if (code >= 1 << length)
                {
                    return null;
                }

                if (length <= LookBits)
                {
                    table.FillLook(code, length, symbols[index], isAlternating);
                }

                code++;
                index++;
            }

            table._lastCode[length] = counts[length - 1] == 0 ? -1 : code - 1;
            code <<= 1;
        }

        return table;
    }

    /// <summary>A code longer than a look: its symbol and length, or a length of 0 where there is no such code.</summary>
    public (byte Symbol, int Length) FindLong(ulong bits)
    {
        var next = (int)(bits >> (64 - LongestCode));
        for (var length = LookBits + 1; length <= LongestCode; length++)
        {
            var code = next >> (LongestCode - length);
            if (code <= _lastCode[length])
            {
                return (_symbols[_symbolOffset[length] + code], length);
            }
        }

        return default;
    }

    /// <summary>The number that <paramref name="size"/> bits stand for: those that begin with 0 are negative.</summary>
    public static int Extend(int bits, int size) => bits < 1 << (size - 1) ? bits - (1 << size) + 1 : bits;

    private void FillLook(int code, int length, byte symbol, bool isAlternating)
    {
        var free = LookBits - length;
        var size = symbol & 15;
        for (var rest = 0; rest < 1 << free; rest++)
        {
            Look[(code << free) | rest] = isAlternating && size > 0 && size <= free
                ? ((uint)Extend(rest >> (free - size), size) << 16) | ((uint)(symbol >> 4) << 8) | (uint)(length + size)
                : ((uint)symbol << 8) | (uint)length;
        }
    }
}
