using System.Runtime.InteropServices;

namespace ChineseClip.Model.Tokenization;

/// <summary>Character properties, lower case and normalization of Unicode 14, carried with the library.</summary>
/// <remarks>
/// The references run on Python 3.11, whose characters are those of Unicode 14: one assigned later is still "unassigned" to them and is
/// dropped or unknown. The runtime's own tables are newer, and its normalization silently does nothing without ICU.
/// Source: Unicode/make_tables.py.
/// </remarks>
internal static class UnicodeTables
{
    private const int CodePointCount = 0x110000;
    private const int HangulBase = 0xAC00, HangulCount = 11172;
    private const int LeadingBase = 0x1100, LeadingCount = 19;
    private const int VowelBase = 0x1161, VowelCount = 21;
    private const int TrailingBase = 0x11A7, TrailingCount = 28;

    private static readonly CharacterFlags[] FlagsOf = new CharacterFlags[CodePointCount];
    private static readonly byte[] CombiningClassOf = new byte[CodePointCount];
    private static readonly Dictionary<int, int> LowerOf = [];
    private static readonly Dictionary<int, int[]> DecompositionOf = [];
    private static readonly Dictionary<(int First, int Second), int> CompositionOf = [];

    static UnicodeTables()
    {
        using var resource = typeof(UnicodeTables).Assembly.GetManifestResourceStream("unicode-14.0.bin")
            ?? throw new InvalidOperationException("The resource unicode-14.0.bin is missing from ChineseClip.Model.");
        using var reader = new BinaryReader(resource);
        ReadRuns(reader, MemoryMarshal.AsBytes(FlagsOf.AsSpan()));
        ReadRuns(reader, CombiningClassOf);

        var codePoint = 0;
        for (var left = reader.Read7BitEncodedInt(); left > 0; left--)
        {
            codePoint += reader.Read7BitEncodedInt();
            var zigzag = reader.Read7BitEncodedInt();
            LowerOf.Add(codePoint, codePoint + ((zigzag >> 1) ^ -(zigzag & 1)));
        }

        codePoint = 0;
        for (var left = reader.Read7BitEncodedInt(); left > 0; left--)
        {
            codePoint += reader.Read7BitEncodedInt();
            var parts = new int[reader.Read7BitEncodedInt()];
            for (var i = 0; i < parts.Length; i++)
            {
                parts[i] = reader.Read7BitEncodedInt();
            }

            DecompositionOf.Add(codePoint, parts);
        }

        for (var left = reader.Read7BitEncodedInt(); left > 0; left--)
        {
            var composed = reader.Read7BitEncodedInt();
            CompositionOf.Add((reader.Read7BitEncodedInt(), reader.Read7BitEncodedInt()), composed);
        }
    }

    public static CharacterFlags Flags(int codePoint) => FlagsOf[codePoint];

    public static byte CombiningClass(int codePoint) => CombiningClassOf[codePoint];

    /// <summary>Lower case of one character; U+0130, the only one that becomes two, is for the caller.</summary>
    public static int Lower(int codePoint) => codePoint < 0x80
        ? codePoint is >= 'A' and <= 'Z' ? codePoint + 0x20 : codePoint
        : LowerOf.GetValueOrDefault(codePoint, codePoint);

    /// <summary>Adds the full canonical decomposition of one character, without reordering.</summary>
    public static void AppendDecomposition(int codePoint, ref CodePointBuffer destination)
    {
        if (codePoint < 0xC0)
        {
            destination.Add(codePoint);
        }
        else if ((uint)(codePoint - HangulBase) < HangulCount)
        {
            var index = codePoint - HangulBase;
            destination.Add(LeadingBase + (index / (VowelCount * TrailingCount)));
            destination.Add(VowelBase + (index % (VowelCount * TrailingCount) / TrailingCount));
            if (index % TrailingCount != 0)
            {
                destination.Add(TrailingBase + (index % TrailingCount));
            }
        }
        else if (DecompositionOf.TryGetValue(codePoint, out var parts))
        {
            foreach (var part in parts)
            {
                destination.Add(part);
            }
        }
        else
        {
            destination.Add(codePoint);
        }
    }

    /// <summary>The primary composite of two characters, or -1.</summary>
    public static int Compose(int first, int second)
    {
        if ((uint)(first - LeadingBase) < LeadingCount && (uint)(second - VowelBase) < VowelCount)
        {
            return HangulBase + ((((first - LeadingBase) * VowelCount) + (second - VowelBase)) * TrailingCount);
        }

        var syllable = first - HangulBase;
        if ((uint)syllable < HangulCount && syllable % TrailingCount == 0
            && second is > TrailingBase and < TrailingBase + TrailingCount)
        {
            return first + (second - TrailingBase);
        }

        return CompositionOf.GetValueOrDefault((first, second), -1);
    }

    private static void ReadRuns(BinaryReader reader, Span<byte> values)
    {
        var start = 0;
        for (var left = reader.Read7BitEncodedInt(); left > 0; left--)
        {
            var length = reader.Read7BitEncodedInt();
            values.Slice(start, length).Fill((byte)reader.Read7BitEncodedInt());
            start += length;
        }
    }
}
