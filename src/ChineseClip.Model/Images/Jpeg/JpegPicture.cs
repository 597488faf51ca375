using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace ChineseClip.Model.Images.Jpeg;

/// <summary>Decodes plain JPEG files to the bytes of libjpeg, with vector instructions throughout.</summary>
/// <remarks>
/// Skia's libjpeg-turbo is built without its vector code for x64, and takes up to twice as long. What is not plain, or damaged, is
/// left to it: this decoder gives either the same bytes or nothing.
/// </remarks>
internal sealed unsafe class JpegPicture : IDisposable
{
    private const int Block = 8;
    private readonly JpegFrame _frame;
    private readonly JpegScan _scan;
    private readonly int _unitsPerRow;
    private readonly int _unitRows;
    private readonly Plane[] _planes;
    private readonly int* _block;
    private readonly int* _steps;
    private readonly ushort* _samples;
    private readonly byte* _wideBlue;
    private readonly byte* _wideRed;
    private readonly byte* _lastRow;

    private JpegPicture(JpegFrame frame, JpegScan scan)
    {
        _frame = frame;
        _scan = scan;
        _unitsPerRow = DivideUp(frame.Width, Block * frame.HorizontalRatio);
        _unitRows = DivideUp(frame.Height, Block * frame.VerticalRatio);
        _planes = new Plane[frame.ComponentCount];
        for (var i = 0; i < _planes.Length; i++)
        {
            var (across, down) = i == 0 ? (frame.HorizontalRatio, frame.VerticalRatio) : (1, 1);
            _planes[i] = new Plane(across, down, _unitsPerRow);
        }

        var width = (_unitsPerRow * Block * frame.HorizontalRatio) + JpegColours.Padding;
        _block = (int*)NativeMemory.AlignedAlloc(64 * sizeof(int), 64);
        _steps = (int*)NativeMemory.AlignedAlloc((nuint)(64 * sizeof(int) * _planes.Length), 64);
        _samples = (ushort*)NativeMemory.AllocZeroed((nuint)(width + JpegColours.Padding), sizeof(ushort));
        _wideBlue = (byte*)NativeMemory.AllocZeroed((nuint)width);
        _wideRed = (byte*)NativeMemory.AllocZeroed((nuint)width);
        _lastRow = (byte*)NativeMemory.AllocZeroed((nuint)width, 3);
        for (var i = 0; i < _planes.Length; i++)
        {
            frame.Quantization[i].CopyTo(new Span<int>(_steps + (64 * i), 64));
        }
    }

    public static bool IsSupported => Avx2.IsSupported;

    /// <summary>Null where the file is not plain, or has anything wrong with it.</summary>
    public static RgbImage? TryDecode(ReadOnlySpan<byte> data, ImageHeader header)
    {
        if (!IsSupported || JpegFrame.TryRead(data) is not { } frame || frame.Width != header.Width || frame.Height != header.Height)
        {
            return null;
        }

        // A row of two samples has no neighbours to widen from; libjpeg repeats its samples instead.
        if (frame.HorizontalRatio == 2 && frame.Width <= 4)
        {
            return null;
        }

        using var scan = JpegScan.TryRead(data[frame.DataStart..], frame.RestartInterval > 0);
        if (scan is null)
        {
            return null;
        }

        using var picture = new JpegPicture(frame, scan);
        var image = RgbImage.CreateUninitialized(frame.Width, frame.Height);
        return picture.Decode(image) ? image : null;
    }

    public void Dispose()
    {
        Array.ForEach(_planes, plane => plane.Dispose());
        NativeMemory.AlignedFree(_block);
        NativeMemory.AlignedFree(_steps);
        NativeMemory.Free(_samples);
        NativeMemory.Free(_wideBlue);
        NativeMemory.Free(_wideRed);
        NativeMemory.Free(_lastRow);
    }

    private bool Decode(RgbImage image)
    {
        // Only two rows of units are kept: a row of pixels needs the chroma above or below it, too.
        var units = (long)_unitsPerRow * _unitRows;
        var perSegment = _frame.RestartInterval == 0 ? units : _frame.RestartInterval;
        if (_scan.SegmentCount != (units + perSegment - 1) / perSegment)
        {
            return false;
        }

        var predicted = stackalloc int[3];
        var rowsPerUnit = Block * _frame.VerticalRatio;
        var written = 0;
        long unit = 0;
        fixed (byte* pixels = image.Pixels)
        {
            for (var unitRow = 0; unitRow < _unitRows; unitRow++)
            {
                for (var column = 0; column < _unitsPerRow; column++, unit++)
                {
                    if (unit % perSegment == 0)
                    {
                        if (unit > 0 && !_scan.IsAtEnd())
                        {
                            return false;
                        }

                        _scan.Open((int)(unit / perSegment));
                        new Span<int>(predicted, 3).Clear();
                    }

                    if (!ReadUnit(unitRow, column, predicted))
                    {
                        return false;
                    }
                }

                var isLast = unitRow == _unitRows - 1;
                var ready = isLast ? image.Height : ((unitRow + 1) * rowsPerUnit) - (_frame.VerticalRatio - 1);
                for (; written < ready; written++)
                {
                    WriteRow(written, image, pixels);
                }
            }
        }

        return _scan.IsAtEnd();
    }

    private bool ReadUnit(int unitRow, int column, int* predicted)
    {
        for (var i = 0; i < _planes.Length; i++)
        {
            var plane = _planes[i];
            for (var down = 0; down < plane.Down; down++)
            {
                for (var across = 0; across < plane.Across; across++)
                {
                    new Span<int>(_block, 64).Clear();
                    var last = _scan.ReadBlock(
                        _block, _frame.DirectTables[i], _frame.AlternatingTables[i], _steps + (64 * i), ref predicted[i]);
                    if (last < 0)
                    {
                        return false;
                    }

                    var samples = plane.Row((((unitRow * plane.Down) + down) * Block)) + (((column * plane.Across) + across) * Block);
                    if (last == 0)
                    {
                        JpegInverseDct.RunFlat(_block[0], samples, plane.Stride);
                    }
                    else
                    {
                        JpegInverseDct.Run(_block, samples, plane.Stride);
                    }
                }
            }
        }

        return _scan.IsWithin();
    }

    private void WriteRow(int y, RgbImage image, byte* pixels)
    {
        // A row is written a little beyond its end, where the next one will be; the last one has no next.
        var rowBytes = (long)image.Width * RgbImage.Channels;
        var isLast = y >= image.Height - 1 - (int)(JpegColours.Padding * RgbImage.Channels / rowBytes);
        var rgb = isLast ? _lastRow : pixels + (y * rowBytes);
        var luma = _planes[0].Row(y);
        if (_planes.Length == 1)
        {
            JpegColours.FromGray(luma, image.Width, rgb);
        }
        else if (_frame.HorizontalRatio == 1)
        {
            JpegColours.FromYCbCr(luma, _planes[1].Row(y), _planes[2].Row(y), image.Width, rgb);
        }
        else
        {
            WidenChroma(y, _planes[1], _wideBlue);
            WidenChroma(y, _planes[2], _wideRed);
            JpegColours.FromYCbCr(luma, _wideBlue, _wideRed, image.Width, rgb);
        }

        if (isLast)
        {
            new ReadOnlySpan<byte>(rgb, (int)rowBytes).CopyTo(image.Row(y));
        }
    }

    private void WidenChroma(int y, Plane plane, byte* wide)
    {
        var count = DivideUp(_frame.Width, 2);
        var samples = _samples + 1;
        if (_frame.VerticalRatio == 1)
        {
            JpegColours.Spread(plane.Row(y), count, samples);
            JpegColours.Widen(samples, count, wide, shift: 2);
            return;
        }

        var near = y / 2;
        var far = Math.Clamp((y & 1) == 0 ? near - 1 : near + 1, 0, DivideUp(_frame.Height, 2) - 1);
        JpegColours.Blend(plane.Row(near), plane.Row(far), count, samples);
        JpegColours.Widen(samples, count, wide, shift: 4);
    }

    private static int DivideUp(int number, int divisor) => (number + divisor - 1) / divisor;

    /// <summary>Two rows of units of one component, written in turn.</summary>
    private sealed class Plane : IDisposable
    {
        private readonly byte* _samples;
        private readonly int _rowMask;

        public Plane(int across, int down, int unitsPerRow)
        {
            Across = across;
            Down = down;
            Stride = (unitsPerRow * across * Block) + JpegColours.Padding;
            _rowMask = (2 * down * Block) - 1;
            _samples = (byte*)NativeMemory.AllocZeroed((nuint)(_rowMask + 1), (nuint)Stride);
        }

        /// <summary>Blocks of a unit along x.</summary>
        public int Across { get; }

        /// <summary>Blocks of a unit along y.</summary>
        public int Down { get; }

        public int Stride { get; }

        public byte* Row(int y) => _samples + ((long)(y & _rowMask) * Stride);

        public void Dispose() => NativeMemory.Free(_samples);
    }
}
