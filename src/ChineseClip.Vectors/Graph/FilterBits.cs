using System.Runtime.CompilerServices;

namespace ChineseClip.Vectors.Graph;

/// <summary>A filter while it is pinned for one search.</summary>
/// <remarks>Ownership: the words stay where they are as long as the search holds them fixed.</remarks>
internal readonly unsafe struct FilterBits(ulong* words, int wordCount)
{
    public const int BitsPerWord = 64;

    private readonly ulong* _words = words;
    private readonly uint _wordCount = (uint)wordCount;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Contains(int ordinal) => Bit(ordinal) != 0;

    /// <summary>1 when the ordinal is in the set, else 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Bit(int ordinal)
    {
        uint word = (uint)ordinal >> 6;
        return word < _wordCount ? (int)(_words[word] >> (ordinal & 63)) & 1 : 0;
    }
}
