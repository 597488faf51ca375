using System.Buffers.Binary;

namespace ChineseClip.Model.Images;

/// <summary>Takes a JPEG of four inks apart into a gray JPEG of each, whose samples are the very ones of the whole.</summary>
/// <remarks>
/// Decoders give four inks as RGB only. Within a scan each block's bits depend on no other component's, so they are found with
/// the Huffman tables and copied as they are. Baseline files with one scan and no subsampling are taken apart, which is how they
/// are written; the others are not. Source: ITU-T T.81, annexes B and F.
/// </remarks>
internal ref struct JpegInks
{
    private const int InkCount = 4;
    private const int BlockLength = 64;
    private const int AdobeYcck = 2;
    private readonly ReadOnlySpan<byte> _data;
    private readonly JpegHuffmanTable?[] _tables = new JpegHuffmanTable?[8];
    private readonly List<byte> _shared = [];
    private readonly JpegBitWriter[] _inks = [new(), new(), new(), new()];
    private byte[] _frame = [];
    private int _restartInterval;
    private int _position = 2;
    private ulong _bits;
    private int _bitCount;

    private JpegInks(ReadOnlySpan<byte> data) => _data = data;

    /// <summary>Whether a file's header tells of four components.</summary>
    public static bool Has(ReadOnlySpan<byte> data)
    {
        int position = 2;
        while (position + 10 <= data.Length && data[position] == 0xFF)
        {
            byte marker = data[position + 1];
            if (marker is >= 0xC0 and <= 0xCF and not 0xC4 and not 0xC8 and not 0xCC)
            {
                return data[position + 9] == InkCount;
            }

            position += 2 + BinaryPrimitives.ReadUInt16BigEndian(data[(position + 2)..]);
        }

        return false;
    }

    /// <returns>Four files; null where the file is of another kind, or is damaged.</returns>
    public static byte[][]? Split(ReadOnlySpan<byte> data) => new JpegInks(data).Split();

    private byte[][]? Split()
    {
        while (_position + 4 <= _data.Length && _data[_position] == 0xFF)
        {
            byte marker = _data[_position + 1];
            int length = 2 + BinaryPrimitives.ReadUInt16BigEndian(_data[(_position + 2)..]);
            if (length < 4 || _position + length > _data.Length)
            {
                return null;
            }

            ReadOnlySpan<byte> segment = _data.Slice(_position, length);
            _position += length;
            if (marker == 0xDA)
            {
                return _frame.Length > 0 && ReadScan(segment) ? Files(segment) : null;
            }

            if (!ReadSegment(marker, segment))
            {
                return null;
            }
        }

        return null;
    }

    private bool ReadSegment(byte marker, ReadOnlySpan<byte> segment)
    {
        ReadOnlySpan<byte> body = segment[4..];
        switch (marker)
        {
            case 0xC0 or 0xC1: // baseline, and sequential with more tables
                _frame = segment.ToArray();
                return segment.Length == 10 + (3 * InkCount) && body[0] == 8 && body[5] == InkCount
                    && body[7] == 0x11 && body[10] == 0x11 && body[13] == 0x11 && body[16] == 0x11;
            case 0xC4:
                _shared.AddRange(segment);
                return ReadTables(body);
            case 0xDD:
                _shared.AddRange(segment);
                _restartInterval = body.Length == 2 ? BinaryPrimitives.ReadUInt16BigEndian(body) : 0;
                return body.Length == 2;
            case 0xDB or 0xE1: // quantization; EXIF, for its orientation
                _shared.AddRange(segment);
                return true;
            case 0xEE:
                return !(body.Length >= 12 && body.StartsWith("Adobe"u8) && body[11] == AdobeYcck);
            default:
                return marker is >= 0xE0 or 0xFE;
        }
    }

    private readonly bool ReadTables(ReadOnlySpan<byte> body)
    {
        while (body.Length >= 17)
        {
            int id = body[0];
            JpegHuffmanTable? table = JpegHuffmanTable.Read(body[1..], out int length);
            if (table is null || (id & 0xEF) > 3)
            {
                return false;
            }

            _tables[((id >> 4) * 4) + (id & 3)] = table;
            body = body[(1 + length)..];
        }

        return body.IsEmpty;
    }

    private bool ReadScan(ReadOnlySpan<byte> segment)
    {
        if (segment.Length != 8 + (2 * InkCount) || segment[4] != InkCount || segment[^3] != 0 || segment[^2] != BlockLength - 1 || segment[^1] != 0)
        {
            return false;
        }

        int height = BinaryPrimitives.ReadUInt16BigEndian(_frame.AsSpan(5));
        int width = BinaryPrimitives.ReadUInt16BigEndian(_frame.AsSpan(7));
        long blocks = ((width + 7L) / 8) * ((height + 7L) / 8);
        for (long block = 0; block < blocks; block++)
        {
            if (_restartInterval > 0 && block > 0 && block % _restartInterval == 0 && !Restart((int)(((block / _restartInterval) - 1) % 8)))
            {
                return false;
            }

            for (int ink = 0; ink < InkCount; ink++)
            {
                int chosen = segment[6 + (2 * ink)];
                if (segment[5 + (2 * ink)] != _frame[10 + (3 * ink)] || (chosen & 0xCC) != 0
                    || _tables[chosen >> 4] is not { } first || _tables[4 + (chosen & 3)] is not { } others || !CopyBlock(first, others, _inks[ink]))
                {
                    return false;
                }
            }
        }

        return blocks > 0;
    }

    private bool CopyBlock(JpegHuffmanTable first, JpegHuffmanTable others, JpegBitWriter ink)
    {
        if (!CopySymbol(first, ink, out int size) || size > 15 || !CopyBits(size, ink))
        {
            return false;
        }

        for (int place = 1; place < BlockLength; place++)
        {
            if (!CopySymbol(others, ink, out int symbol))
            {
                return false;
            }

            size = symbol & 15;
            if (size == 0 && symbol >> 4 != 15)
            {
                return symbol == 0; // the rest of the block is 0
            }

            place += symbol >> 4;
            if (place >= BlockLength || !CopyBits(size, ink))
            {
                return false;
            }
        }

        return true;
    }

    private bool CopySymbol(JpegHuffmanTable table, JpegBitWriter ink, out int symbol)
    {
        symbol = 0;
        int code = 0;
        for (int length = 1; length <= JpegHuffmanTable.MaxLength; length++)
        {
            if (!Fill(1))
            {
                return false;
            }

            code = (code << 1) | (int)Take(1);
            if (table.TryFind(code, length, out symbol))
            {
                ink.Write((uint)code, length);
                return true;
            }
        }

        return false;
    }

    private bool CopyBits(int count, JpegBitWriter ink)
    {
        if (!Fill(count))
        {
            return false;
        }

        ink.Write(Take(count), count);
        return true;
    }

    /// <summary>Takes bytes until there are so many bits; a marker ends them.</summary>
    private bool Fill(int count)
    {
        while (_bitCount < count)
        {
            if (_position >= _data.Length)
            {
                return false;
            }

            byte value = _data[_position];
            if (value == 0xFF && (_position + 1 >= _data.Length || _data[_position + 1] != 0))
            {
                return false;
            }

            _position += value == 0xFF ? 2 : 1;
            _bits = (_bits << 8) | value;
            _bitCount += 8;
        }

        return true;
    }

    private uint Take(int count)
    {
        _bitCount -= count;
        return (uint)((_bits >> _bitCount) & ((1UL << count) - 1));
    }

    private bool Restart(int number)
    {
        _bitCount = 0;
        if (_position + 2 > _data.Length || _data[_position] != 0xFF || _data[_position + 1] != 0xD0 + number)
        {
            return false;
        }

        _position += 2;
        foreach (JpegBitWriter ink in _inks)
        {
            ink.EndWith((byte)(0xD0 + number));
        }

        return true;
    }

    private readonly byte[][] Files(ReadOnlySpan<byte> scan)
    {
        byte[][] files = new byte[InkCount][];
        for (int ink = 0; ink < InkCount; ink++)
        {
            byte[] component = [_frame[10 + (3 * ink)], _frame[11 + (3 * ink)], _frame[12 + (3 * ink)]];
            _inks[ink].EndWith(0xD9);
            files[ink] =
            [
                0xFF, 0xD8, .. _shared, 0xFF, _frame[1], 0, 11, .. _frame[4..9], 1, .. component,
                0xFF, 0xDA, 0, 8, 1, component[0], scan[6 + (2 * ink)], 0, BlockLength - 1, 0, .. _inks[ink].Bytes,
            ];
        }

        return files;
    }
}
