namespace ChineseClip.Model.Images;

/// <summary>Writes the bits of a JPEG scan.</summary>
internal sealed class JpegBitWriter
{
    private readonly List<byte> _bytes = [];
    private ulong _bits;
    private int _count;

    public IReadOnlyList<byte> Bytes => _bytes;

    public void Write(uint bits, int count)
    {
        _bits = (_bits << count) | bits;
        _count += count;
        while (_count >= 8)
        {
            _count -= 8;
            Put((byte)(_bits >> _count));
        }
    }

    /// <summary>Fills the last byte with ones, as the format wants it, and puts a marker behind it.</summary>
    public void EndWith(byte marker)
    {
        if (_count > 0)
        {
            int missing = 8 - _count;
            Write((1u << missing) - 1, missing);
        }

        _bytes.Add(0xFF);
        _bytes.Add(marker);
    }

    private void Put(byte value)
    {
        _bytes.Add(value);
        if (value == 0xFF)
        {
            _bytes.Add(0);
        }
    }
}
