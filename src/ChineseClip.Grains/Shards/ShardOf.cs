using System.IO.Hashing;
using System.Text;

namespace ChineseClip.Grains.Shards;

/// <summary>Which shard an id belongs to: XxHash3 (64 bits, seed 0) of its UTF-8 bytes, modulo the number of shards.</summary>
/// <remarks>Part of the stored format: it must never change.</remarks>
public static class ShardOf
{
    private const int StackBytes = 512;

    public static int Id(string id, int shards)
    {
        ArgumentNullException.ThrowIfNull(id);
        ArgumentOutOfRangeException.ThrowIfLessThan(shards, 1);
        int length = Encoding.UTF8.GetByteCount(id);
        Span<byte> bytes = length <= StackBytes ? stackalloc byte[length] : new byte[length];
        Encoding.UTF8.GetBytes(id, bytes);
        return (int)(XxHash3.HashToUInt64(bytes) % (ulong)shards);
    }
}
