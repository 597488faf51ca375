using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ChineseClip.Model.Images;

/// <summary>Moves between pixels of four bytes and of three.</summary>
internal static class PixelPacking
{
    /// <summary>RGBx to RGB.</summary>
    public static void DropFourth(ReadOnlySpan<byte> four, Span<byte> three)
    {
        var count = four.Length / 4;
        var i = 0;
        if (Vector128.IsHardwareAccelerated)
        {
            // Four pixels at a time; each store writes four bytes too many, which the next one overwrites.
            var order = Vector128.Create((byte)0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 0x80, 0x80, 0x80, 0x80);
            ref var source = ref MemoryMarshal.GetReference(four);
            ref var destination = ref MemoryMarshal.GetReference(three);
            for (; i + 6 <= count; i += 4)
            {
                Vector128.Shuffle(Vector128.LoadUnsafe(ref source, (nuint)i * 4), order)
                    .StoreUnsafe(ref destination, (nuint)i * 3);
            }
        }

        for (; i < count; i++)
        {
            four.Slice(i * 4, 3).CopyTo(three[(i * 3)..]);
        }
    }
}
