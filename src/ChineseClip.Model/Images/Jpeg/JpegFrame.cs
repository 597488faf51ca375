using System.Buffers.Binary;

namespace ChineseClip.Model.Images.Jpeg;

/// <summary>The headers of a JPEG file of the plain kind: 8 bits, Huffman codes, one scan, gray or YCbCr with common sampling.</summary>
/// <remarks>Source: ITU-T T.81; libjpeg-turbo 2.1, jdmarker.c, for which segments matter and jdapimin.c for what the colours are.</remarks>
internal sealed class JpegFrame
{
    private const int BlockLength = 64;
    private readonly int[][] _quantization = [[], [], [], []];
    private readonly JpegHuffmanTable?[] _directTables = new JpegHuffmanTable?[4];
    private readonly JpegHuffmanTable?[] _alternatingTables = new JpegHuffmanTable?[4];
    private byte[] _componentIds = [];
    private int[] _quantizationOf = [];
    private bool _hasJfif;
    private int? _adobeTransform;

    public int Width { get; private set; }

    public int Height { get; private set; }

    /// <summary>1 or 3.</summary>
    public int ComponentCount => _componentIds.Length;

    /// <summary>Luma samples for each chroma sample along x, 1 or 2.</summary>
    public int HorizontalRatio { get; private set; } = 1;

    /// <summary>Luma samples for each chroma sample along y, 1 or 2.</summary>
    public int VerticalRatio { get; private set; } = 1;

    /// <summary>Units of the scan between two restarts; 0 for none.</summary>
    public int RestartInterval { get; private set; }

    /// <summary>Where the coded data begins.</summary>
    public int DataStart { get; private set; }

    public JpegHuffmanTable[] DirectTables { get; private set; } = [];

    public JpegHuffmanTable[] AlternatingTables { get; private set; } = [];

    /// <summary>Of each component, in zigzag order.</summary>
    public int[][] Quantization { get; private set; } = [];

    /// <summary>Null for a file of another kind, or one with anything unusual in it.</summary>
    public static JpegFrame? TryRead(ReadOnlySpan<byte> data)
    {
        var frame = new JpegFrame();
        var position = 2;
        while (position + 4 <= data.Length && data[position] == 0xFF)
        {
            var marker = data[position + 1];
            int length = BinaryPrimitives.ReadUInt16BigEndian(data[(position + 2)..]);
            if (length < 2 || position + 2 + length > data.Length)
            {
                return null;
            }

            var segment = data.Slice(position + 4, length - 2);
            position += 2 + length;
            if (marker == 0xDA)
            {
                frame.DataStart = position;
                return frame.ReadScan(segment) ? frame : null;
            }

            if (!frame.ReadSegment(marker, segment))
            {
                return null;
            }
        }

        return null;
    }

    private bool ReadSegment(byte marker, ReadOnlySpan<byte> segment)
    {
        switch (marker)
        {
            case 0xC0 or 0xC1:
                return ReadFrame(segment);
            case 0xC4:
                return ReadHuffman(segment);
            case 0xDB:
                return ReadQuantization(segment);
            case 0xDD:
                RestartInterval = segment.Length == 2 ? BinaryPrimitives.ReadUInt16BigEndian(segment) : 0;
                return segment.Length == 2;
            case 0xE0:
                _hasJfif |= segment.Length >= 14 && segment.StartsWith("JFIF\0"u8);
                return true;
            case 0xEE:
                _adobeTransform = segment.Length >= 12 && segment.StartsWith("Adobe"u8) ? segment[11] : _adobeTransform;
                return true;
            default:
                return marker is (>= 0xE1 and <= 0xEF) or 0xFE;
        }
    }

    private bool ReadFrame(ReadOnlySpan<byte> segment)
    {
        if (_componentIds.Length > 0 || segment.Length < 6 || segment[0] != 8 || segment[5] is not (1 or 3) || segment.Length != 6 + (3 * segment[5]))
        {
            return false;
        }

        Height = BinaryPrimitives.ReadUInt16BigEndian(segment[1..]);
        Width = BinaryPrimitives.ReadUInt16BigEndian(segment[3..]);
        int count = segment[5];
        _componentIds = new byte[count];
        _quantizationOf = new int[count];
        for (var i = 0; i < count; i++)
        {
            _componentIds[i] = segment[6 + (3 * i)];
            _quantizationOf[i] = segment[8 + (3 * i)];
        }

        if (_quantizationOf.Any(table => table > 3) || Width == 0 || Height == 0)
        {
            return false;
        }

        if (count == 1)
        {
            // One component needs no other's sampling, but it must be one that there is.
            return (segment[7] >> 4) is >= 1 and <= 4 && (segment[7] & 15) is >= 1 and <= 4;
        }

        (HorizontalRatio, VerticalRatio) = (segment[7] >> 4, segment[7] & 15);
        return (HorizontalRatio, VerticalRatio) is (1, 1) or (2, 1) or (2, 2) && segment[10] == 0x11 && segment[13] == 0x11;
    }

    private bool ReadHuffman(ReadOnlySpan<byte> segment)
    {
        while (segment.Length >= 17)
        {
            var tables = (segment[0] >> 4) switch { 0 => _directTables, 1 => _alternatingTables, _ => null };
            var count = 0;
            foreach (var codes in segment.Slice(1, 16))
            {
                count += codes;
            }

            // A first coefficient's symbol is a number of bits.
            if (tables is null || (segment[0] & 15) > 3 || count > 256 || segment.Length < 17 + count
                || (tables == _directTables && segment.Slice(17, count).ContainsAnyExceptInRange((byte)0, (byte)15))
                || JpegHuffmanTable.Create(segment.Slice(1, 16), segment.Slice(17, count), tables == _alternatingTables) is not { } table)
            {
                return false;
            }

            tables[segment[0] & 15] = table;
            segment = segment[(17 + count)..];
        }

        return segment.IsEmpty;
    }

    private bool ReadQuantization(ReadOnlySpan<byte> segment)
    {
        while (segment.Length > BlockLength)
        {
            if (segment[0] > 3)
            {
                return false;
            }

            _quantization[segment[0]] = [.. segment.Slice(1, BlockLength).ToArray().Select(step => (int)step)];
            segment = segment[(1 + BlockLength)..];
        }

        return segment.IsEmpty;
    }

    private bool ReadScan(ReadOnlySpan<byte> segment)
    {
        var count = ComponentCount;
        if (count == 0 || segment.Length != 4 + (2 * count) || segment[0] != count
            || !segment[(1 + (2 * count))..].SequenceEqual<byte>([0, 63, 0]) || !IsGrayOrYCbCr())
        {
            return false;
        }

        var direct = new JpegHuffmanTable?[count];
        var alternating = new JpegHuffmanTable?[count];
        for (var i = 0; i < count; i++)
        {
            var tables = segment[2 + (2 * i)];
            if (segment[1 + (2 * i)] != _componentIds[i] || (tables >> 4) > 3 || (tables & 15) > 3)
            {
                return false;
            }

            direct[i] = _directTables[tables >> 4];
            alternating[i] = _alternatingTables[tables & 15];
        }

        Quantization = [.. _quantizationOf.Select(table => _quantization[table])];
        if (direct.Contains(null) || alternating.Contains(null) || Quantization.Any(table => table.Length == 0))
        {
            return false;
        }

        DirectTables = direct!;
        AlternatingTables = alternating!;
        return true;
    }

    private bool IsGrayOrYCbCr() => ComponentCount == 1 || _hasJfif
        || (_adobeTransform is { } transform ? transform == 1 : _componentIds.AsSpan().SequenceEqual<byte>([1, 2, 3]));
}
