using System.Buffers.Binary;
using System.IO.Hashing;

namespace ChineseClip.Grains.Gateway;

/// <summary>Names for the parts of one operation: the same part of the same operation always has the same name.</summary>
internal static class Operations
{
    public static Guid Part(Guid operation, int part)
    {
        Span<byte> bytes = stackalloc byte[16 + sizeof(int)];
        operation.TryWriteBytes(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[16..], part);
        return new Guid(XxHash128.Hash(bytes));
    }
}
