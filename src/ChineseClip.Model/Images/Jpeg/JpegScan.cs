using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace ChineseClip.Model.Images.Jpeg;

/// <summary>The coded data of a scan without its stuffed bytes, cut at its restarts, and a reader of its bits.</summary>
internal sealed unsafe class JpegScan : IDisposable
{
    /// <summary>Zeros behind the data: more than the worst unit takes, so that a reader needs to look at its end only once a unit.</summary>
    private const int Slack = 1 << 14;

    /// <summary>More than 8 bits of samples can give.</summary>
    private const int LargestDirect = 1 << 15;

    private readonly byte[] _bytes;
    private readonly List<(int Start, int End)> _segments = [];
    private MemoryHandle _pin;
    private byte* _next;
    private byte* _end;
    private ulong _bits;
    private int _bitCount;

    private JpegScan(int length)
    {
        _bytes = ArrayPool<byte>.Shared.Rent(length + Slack);
        _pin = _bytes.AsMemory().Pin();
    }

    public int SegmentCount => _segments.Count;

    /// <summary>Null where the data does not end as it should, or holds a marker that it should not.</summary>
    public static JpegScan? TryRead(ReadOnlySpan<byte> data, bool hasRestarts)
    {
        var scan = new JpegScan(data.Length);
        if (scan.Fill(data, hasRestarts))
        {
            return scan;
        }

        scan.Dispose();
        return null;
    }

    /// <summary>Begins with a segment.</summary>
    public void Open(int segment)
    {
        var start = (byte*)_pin.Pointer;
        _next = start + _segments[segment].Start;
        _end = start + _segments[segment].End;
        _bits = 0;
        _bitCount = 0;
    }

    /// <summary>Whether what was read lay within the segment.</summary>
    public bool IsWithin() => _next - (_bitCount >> 3) <= _end;

    /// <summary>Whether the segment was read to its last byte.</summary>
    public bool IsAtEnd()
    {
        var unread = ((_end - _next) * 8) + _bitCount;
        return unread is >= 0 and < 8;
    }

    /// <summary>Reads one block.</summary>
    /// <param name="block">[8, 8]; zeros, and afterwards coefficients times their steps.</param>
    /// <param name="direct">The table of first coefficients.</param>
    /// <param name="alternating">The table of the others.</param>
    /// <param name="steps">In zigzag order.</param>
    /// <param name="predicted">The component's last first coefficient.</param>
    /// <returns>Place of the last coefficient, in zigzag order; -1 where the data is damaged or out of the ordinary.</returns>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int ReadBlock(int* block, JpegHuffmanTable direct, JpegHuffmanTable alternating, int* steps, ref int predicted)
    {
        var next = _next;
        var bits = _bits;
        var bitCount = _bitCount;
        var last = 0;

        // Step 1: the difference to the block before.
        Refill(ref next, ref bits, ref bitCount);
        var entry = direct.Look[bits >> (64 - JpegHuffmanTable.LookBits)];
        var length = (int)(entry & 0xFF);
        var size = (int)(entry >> 8);
        if (length == 0)
        {
            (var symbol, length) = direct.FindLong(bits);
            size = symbol;
        }

        if (length == 0 || size > 11)
        {
            return -1;
        }

        bits <<= length;
        if (size > 0)
        {
            predicted += JpegHuffmanTable.Extend((int)(bits >> (64 - size)), size);
            bits <<= size;
        }

        bitCount -= length + size;
        if (predicted is < -LargestDirect or > LargestDirect)
        {
            return -1;
        }

        var first = predicted * steps[0];
        block[0] = first;
        var sum = Math.Abs(first);

        // Step 2: the others, each with the zeros before it.
        fixed (uint* look = alternating.Look)
        fixed (byte* places = Places)
        {
            for (var k = 1; k < 64; k++)
            {
                if (bitCount < 32)
                {
                    Refill(ref next, ref bits, ref bitCount);
                }

                entry = look[bits >> (64 - JpegHuffmanTable.LookBits)];
                length = (int)(entry & 0xFF);
                var value = (int)entry >> 16;
                if (value != 0)
                {
                    k += (int)(entry >> 8) & 0xFF;
                    bits <<= length;
                    bitCount -= length;
                }
                else
                {
                    var symbol = (int)(entry >> 8);
                    if (length == 0)
                    {
                        (var found, length) = alternating.FindLong(bits);
                        symbol = found;
                        if (length == 0)
                        {
                            return -1;
                        }
                    }

                    bits <<= length;
                    size = symbol & 15;
                    bitCount -= length + size;
                    if (size == 0)
                    {
                        if (symbol != 0xF0)
                        {
                            break;
                        }

                        k += 15;
                        continue;
                    }

                    k += symbol >> 4;
                    value = JpegHuffmanTable.Extend((int)(bits >> (64 - size)), size);
                    bits <<= size;
                }

                if (k > 63)
                {
                    return -1;
                }

                value *= steps[k];
                sum += Math.Abs(value);
                block[places[k]] = value;
                last = k;
            }
        }

        _next = next;
        _bits = bits;
        _bitCount = bitCount;
        return sum <= JpegInverseDct.LargestSum ? last : -1;
    }

    public void Dispose()
    {
        _pin.Dispose();
        ArrayPool<byte>.Shared.Return(_bytes);
    }

    /// <summary>Where a coefficient of the zigzag order belongs in the block.</summary>
    private static ReadOnlySpan<byte> Places =>
    [
        0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5,
        12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
        35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
        58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
    ];

    /// <summary>Afterwards at least 56 bits are there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Refill(ref byte* next, ref ulong bits, ref int bitCount)
    {
        var more = *(ulong*)next;
        bits |= (BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(more) : more) >> bitCount;
        next += (63 - bitCount) >> 3;
        bitCount |= 56;
    }

    private bool Fill(ReadOnlySpan<byte> data, bool hasRestarts)
    {
        var written = 0;
        var segmentStart = 0;
        while (true)
        {
            var plain = data.IndexOf((byte)0xFF);
            if (plain < 0 || plain + 1 >= data.Length)
            {
                return false;
            }

            var marker = data[plain + 1];
            var kept = marker == 0 ? plain + 1 : plain;
            data[..kept].CopyTo(_bytes.AsSpan(written));
            written += kept;
            data = data[(plain + 2)..];
            if (marker == 0)
            {
                continue;
            }

            _segments.Add((segmentStart, written));
            segmentStart = written;
            if (marker == 0xD9)
            {
                _bytes.AsSpan(written, Slack).Clear();
                return true;
            }

            // Restarts are numbered 0 to 7 in turn.
            if (!hasRestarts || marker != 0xD0 + ((_segments.Count - 1) & 7))
            {
                return false;
            }
        }
    }
}
