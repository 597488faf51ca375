using System.Buffers.Binary;

namespace ChineseClip.Model.Images;

/// <summary>Takes a JPEG of four inks apart into a gray JPEG of each, whose samples are the very ones of the whole.</summary>
/// <remarks>
/// Decoders give four inks as RGB only. Without subsampling, a scan of one component is the same in a file of that component
/// alone, and a scan of all four can be split (<see cref="JpegScanSplitter"/>). Source: ITU-T T.81, annex B.
/// </remarks>
internal ref struct JpegInks
{
    public const int InkCount = 4;
    private readonly ReadOnlySpan<byte> _data;
    private readonly JpegHuffmanTable?[] _tables = new JpegHuffmanTable?[8];
    private readonly List<byte>[] _files = [[0xFF, 0xD8], [0xFF, 0xD8], [0xFF, 0xD8], [0xFF, 0xD8]];
    private byte[] _frame = [];
    private int _restartInterval;
    private bool _isYcck;
    private int _position = 2;

    private JpegInks(ReadOnlySpan<byte> data) => _data = data;

    private readonly bool IsProgressive => _frame[1] == 0xC2;

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

    /// <param name="data">The file.</param>
    /// <param name="isYcck">Whether the first three are not cyan, magenta and yellow, but luma and chroma of what they leave of white.</param>
    /// <returns>Four files; null where the file is subsampled, of another coding than Huffman's, or damaged.</returns>
    public static byte[][]? Split(ReadOnlySpan<byte> data, out bool isYcck)
    {
        var inks = new JpegInks(data);
        byte[][]? files = inks.ReadSegments() ? [.. inks._files.Select(file => file.ToArray())] : null;
        isYcck = inks._isYcck;
        return files;
    }

    private bool ReadSegments()
    {
        int scans = 0;
        while (_position + 2 <= _data.Length && _data[_position] == 0xFF)
        {
            byte marker = _data[_position + 1];
            if (marker == 0xD9)
            {
                Array.ForEach(_files, file => file.AddRange([0xFF, 0xD9]));
                return scans > 0;
            }

            int length = _position + 4 > _data.Length ? 0 : 2 + BinaryPrimitives.ReadUInt16BigEndian(_data[(_position + 2)..]);
            if (length < 4 || _position + length > _data.Length)
            {
                return false;
            }

            ReadOnlySpan<byte> segment = _data.Slice(_position, length);
            _position += length;
            scans += marker == 0xDA ? 1 : 0;
            if (!(marker == 0xDA ? ReadScan(segment) : ReadSegment(marker, segment)))
            {
                return false;
            }
        }

        return false;
    }

    private bool ReadSegment(byte marker, ReadOnlySpan<byte> segment)
    {
        ReadOnlySpan<byte> body = segment[4..];
        switch (marker)
        {
            case 0xC0 or 0xC1 or 0xC2: // baseline, the same with more tables, progressive
                return _frame.Length == 0 && ReadFrame(segment);
            case 0xC4:
                Share(segment);
                return ReadTables(body);
            case 0xDD:
                Share(segment);
                _restartInterval = body.Length == 2 ? BinaryPrimitives.ReadUInt16BigEndian(body) : 0;
                return body.Length == 2;
            case 0xDB or 0xE1: // quantization; EXIF, for its orientation
                Share(segment);
                return true;
            case 0xEE:
                // 0 is CMYK; libjpeg takes all others for YCCK.
                _isYcck = body.Length >= 12 && body.StartsWith("Adobe"u8) ? body[11] != 0 : _isYcck;
                return true;
            default:
                return marker is >= 0xE0;
        }
    }

    private readonly void Share(ReadOnlySpan<byte> segment)
    {
        foreach (List<byte> file in _files)
        {
            file.AddRange(segment);
        }
    }

    private bool ReadFrame(ReadOnlySpan<byte> segment)
    {
        if (segment.Length != 10 + (3 * InkCount) || segment[4] != 8 || segment[9] != InkCount)
        {
            return false;
        }

        _frame = segment.ToArray();
        for (int ink = 0; ink < InkCount; ink++)
        {
            ReadOnlySpan<byte> component = segment.Slice(10 + (3 * ink), 3);
            if (component[1] != 0x11)
            {
                return false;
            }

            _files[ink].AddRange([0xFF, segment[1], 0, 11, .. segment[4..9], 1, .. component]);
        }

        return true;
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
        int count = segment[4];
        if (_frame.Length == 0 || segment.Length != 8 + (2 * count) || count is not (1 or InkCount))
        {
            return false;
        }

        for (int i = 0; i < count; i++)
        {
            int ink = count == 1 ? FindInk(segment[5]) : i;
            int chosen = segment[6 + (2 * i)];
            if (ink < 0 || segment[5 + (2 * i)] != _frame[10 + (3 * ink)] || (chosen & 0xCC) != 0)
            {
                return false;
            }

            _files[ink].AddRange([0xFF, 0xDA, 0, 8, 1, segment[5 + (2 * i)], (byte)chosen, .. segment[^3..]]);
        }

        return count == 1 ? CopyScan(_files[FindInk(segment[5])]) : SplitScan(segment);
    }

    private readonly int FindInk(byte id)
    {
        for (int ink = 0; ink < InkCount; ink++)
        {
            if (_frame[10 + (3 * ink)] == id)
            {
                return ink;
            }
        }

        return -1;
    }

    /// <summary>Copies a scan of one component, to the next marker that does not belong to it.</summary>
    private bool CopyScan(List<byte> file)
    {
        int end = _position;
        while (end + 1 < _data.Length && (_data[end] != 0xFF || _data[end + 1] is 0 or (>= 0xD0 and <= 0xD7)))
        {
            end++;
        }

        file.AddRange(_data[_position..end]);
        _position = end;
        return end + 1 < _data.Length;
    }

    private bool SplitScan(ReadOnlySpan<byte> segment)
    {
        int height = BinaryPrimitives.ReadUInt16BigEndian(_frame.AsSpan(5));
        int width = BinaryPrimitives.ReadUInt16BigEndian(_frame.AsSpan(7));
        (JpegHuffmanTable? First, JpegHuffmanTable? Others)[] tables = new (JpegHuffmanTable?, JpegHuffmanTable?)[InkCount];
        for (int ink = 0; ink < InkCount; ink++)
        {
            int chosen = segment[6 + (2 * ink)];
            tables[ink] = (_tables[chosen >> 4], _tables[4 + (chosen & 3)]);
        }

        // A progressive scan of all components holds first coefficients only: their beginnings, or one more bit of each.
        bool isSound = IsProgressive ? segment[^3] == 0 && segment[^2] == 0 : segment[^3] == 0 && segment[^2] == JpegScanSplitter.BlockLength - 1;
        var kind = !IsProgressive ? JpegBlockKind.Whole : segment[^1] >> 4 == 0 ? JpegBlockKind.FirstOnly : JpegBlockKind.OneBit;
        var splitter = new JpegScanSplitter(_data[_position..], tables, kind);
        if (!isSound || !splitter.Run(((width + 7L) / 8) * ((height + 7L) / 8), _restartInterval))
        {
            return false;
        }

        for (int ink = 0; ink < InkCount; ink++)
        {
            _files[ink].AddRange(splitter.Inks[ink].Finish());
        }

        _position += splitter.Position;
        return true;
    }
}
