namespace ChineseClip.Model.Images;

/// <summary>What a scan holds of each block.</summary>
internal enum JpegBlockKind
{
    /// <summary>All 64 coefficients.</summary>
    Whole,

    /// <summary>The first coefficient, but for its lowest bits.</summary>
    FirstOnly,

    /// <summary>One more bit of the first coefficient.</summary>
    OneBit,
}

/// <summary>Splits a scan of four components into a scan of each.</summary>
/// <remarks>
/// A block's bits depend on no other component's, so that they are found with the Huffman tables and copied as they are.
/// Source: ITU-T T.81, annexes F.2 and G.2.
/// </remarks>
internal ref struct JpegScanSplitter(
    ReadOnlySpan<byte> data, (JpegHuffmanTable? First, JpegHuffmanTable? Others)[] tables, JpegBlockKind kind)
{
    public const int BlockLength = 64;
    private readonly ReadOnlySpan<byte> _data = data;
    private ulong _bits;
    private int _bitCount;

    public JpegBitWriter[] Inks { get; } = [.. tables.Select(_ => new JpegBitWriter())];

    /// <summary>Bytes taken.</summary>
    public int Position { get; private set; }

    /// <returns>False where the scan is damaged.</returns>
    public bool Run(long blocks, int restartInterval)
    {
        for (long block = 0; block < blocks; block++)
        {
            if (restartInterval > 0 && block > 0 && block % restartInterval == 0 && !Restart((int)(((block / restartInterval) - 1) % 8)))
            {
                return false;
            }

            for (int ink = 0; ink < Inks.Length; ink++)
            {
                if (!CopyBlock(tables[ink].First, tables[ink].Others, Inks[ink]))
                {
                    return false;
                }
            }
        }

        return blocks > 0;
    }

    private bool CopyBlock(JpegHuffmanTable? first, JpegHuffmanTable? others, JpegBitWriter ink)
    {
        if (kind == JpegBlockKind.OneBit)
        {
            return CopyBits(1, ink);
        }

        if (first is null || !CopySymbol(first, ink, out int size) || size > 15 || !CopyBits(size, ink))
        {
            return false;
        }

        if (kind == JpegBlockKind.FirstOnly)
        {
            return true;
        }

        for (int place = 1; place < BlockLength; place++)
        {
            if (others is null || !CopySymbol(others, ink, out int symbol))
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
            if (Position >= _data.Length)
            {
                return false;
            }

            byte value = _data[Position];
            if (value == 0xFF && (Position + 1 >= _data.Length || _data[Position + 1] != 0))
            {
                return false;
            }

            Position += value == 0xFF ? 2 : 1;
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
        if (Position + 2 > _data.Length || _data[Position] != 0xFF || _data[Position + 1] != 0xD0 + number)
        {
            return false;
        }

        Position += 2;
        foreach (JpegBitWriter ink in Inks)
        {
            ink.PutMarker((byte)(0xD0 + number));
        }

        return true;
    }
}
