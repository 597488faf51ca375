namespace ChineseClip.Model.Images;

/// <summary>A Huffman table of a JPEG file.</summary>
/// <remarks>Source: ITU-T T.81, annex C and section F.2.2.3.</remarks>
internal sealed class JpegHuffmanTable
{
    public const int MaxLength = 16;
    private readonly int[] _firstCode = new int[MaxLength + 1];
    private readonly int[] _firstPlace = new int[MaxLength + 1];
    private readonly int[] _count = new int[MaxLength + 1];
    private readonly byte[] _symbols;

    private JpegHuffmanTable(byte[] symbols) => _symbols = symbols;

    /// <summary>Reads the numbers of codes of each length, and their symbols.</summary>
    /// <returns>Null where the bytes are no table.</returns>
    public static JpegHuffmanTable? Read(ReadOnlySpan<byte> body, out int length)
    {
        length = MaxLength;
        for (int i = 0; i < MaxLength; i++)
        {
            length += body[i];
        }

        if (length > body.Length)
        {
            return null;
        }

        var table = new JpegHuffmanTable(body[MaxLength..length].ToArray());
        int code = 0;
        int place = 0;
        for (int bits = 1; bits <= MaxLength; bits++)
        {
            (table._firstCode[bits], table._firstPlace[bits], table._count[bits]) = (code, place, body[bits - 1]);
            code = (code + body[bits - 1]) << 1;
            place += body[bits - 1];
        }

        return table;
    }

    public bool TryFind(int code, int length, out int symbol)
    {
        int index = code - _firstCode[length];
        bool isFound = index >= 0 && index < _count[length];
        symbol = isFound ? _symbols[_firstPlace[length] + index] : 0;
        return isFound;
    }
}
