namespace ChineseClip.Model.Images;

/// <summary>Writes the bits of a JPEG scan.</summary>
internal sealed class JpegBitWriter
{
    private readonly List<byte> _bytes = [];
    private ulong _bits;
    private int _count;

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

    /// <summary>The scan so far, its last byte filled with ones, as the format wants it.</summary>
    public IReadOnlyList<byte> Finish()
    {
        if (_count > 0)
        {
            int missing = 8 - _count;
            Write((1u << missing) - 1, missing);
        }

        return _bytes;
    }

    public void PutMarker(byte marker)
    {
        Finish();
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
