using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace ChineseClip.Model.Onnx;

/// <summary>Writes one Protocol Buffers message: just the wire types that ONNX uses.</summary>
/// <remarks>Source: protobuf.dev, "Encoding". Fields are written in the order of the calls, so equal calls give equal bytes.</remarks>
internal sealed class ProtobufWriter
{
    private const int WireVarint = 0;
    private const int WireBytes = 2;
    private const int WireFixed32 = 5;
    private readonly ArrayBufferWriter<byte> _bytes = new();

    public byte[] ToArray() => _bytes.WrittenSpan.ToArray();

    public void Int64(int field, long value)
    {
        Tag(field, WireVarint);
        Varint((ulong)value);
    }

    public void Float(int field, float value)
    {
        Tag(field, WireFixed32);
        Span<byte> bits = stackalloc byte[4];
        BinaryPrimitives.WriteSingleLittleEndian(bits, value);
        _bytes.Write(bits);
    }

    public void String(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    public void Bytes(int field, ReadOnlySpan<byte> value)
    {
        Tag(field, WireBytes);
        Varint((ulong)value.Length);
        _bytes.Write(value);
    }

    public void Message(int field, ProtobufWriter message) =>
        Bytes(field, message._bytes.WrittenSpan);

    private void Tag(int field, int wireType) => Varint((ulong)((field << 3) | wireType));

    private void Varint(ulong value)
    {
        Span<byte> bytes = stackalloc byte[10];
        int count = 0;
        while (value >= 0x80)
        {
            bytes[count++] = (byte)(value | 0x80);
            value >>= 7;
        }

        bytes[count++] = (byte)value;
        _bytes.Write(bytes[..count]);
    }
}
