using System.Globalization;
using System.IO.Hashing;

namespace ChineseClip.Vectors.Persistence;

internal static class Checksum
{
    /// <summary>XxHash128 as 32 lower-case hexadecimal digits.</summary>
    public static string Of(ReadOnlySpan<byte> bytes) => XxHash128.HashToUInt128(bytes).ToString("x32", CultureInfo.InvariantCulture);
}
