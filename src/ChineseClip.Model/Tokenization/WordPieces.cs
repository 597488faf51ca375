using System.Text;

namespace ChineseClip.Model.Tokenization;

/// <summary>Cuts normalized words into word pieces and keeps their ids, up to a limit.</summary>
/// <remarks>Source: Wu et al. 2016 (greedy longest match first), as in HF BertTokenizer's WordpieceTokenizer.</remarks>
internal sealed class WordPieces(Vocabulary vocabulary, int unknownId, int maxWordLength, int limit)
{
    private readonly List<int> _ids = [];

    public List<int> Ids => _ids;

    public bool IsFull => _ids.Count >= limit;

    public void AddToken(int id)
    {
        if (!IsFull)
        {
            _ids.Add(id);
        }
    }

    /// <summary>Splits a word at punctuation, each mark a word of its own, and adds the pieces.</summary>
    public void AddWord(ReadOnlySpan<int> word)
    {
        var start = 0;
        for (var i = 0; i < word.Length && !IsFull; i++)
        {
            if ((UnicodeTables.Flags(word[i]) & CharacterFlags.Punctuation) != 0)
            {
                AddUnpunctuated(word[start..i]);
                AddUnpunctuated(word.Slice(i, 1));
                start = i + 1;
            }
        }

        AddUnpunctuated(word[start..]);
    }

    private void AddUnpunctuated(ReadOnlySpan<int> word)
    {
        if (word.IsEmpty || IsFull)
        {
            return;
        }

        if (word.Length > maxWordLength)
        {
            _ids.Add(unknownId);
            return;
        }

        // Step 1: the word as UTF-16; starts[i] is where its i-th character begins.
        Span<char> text = stackalloc char[word.Length * 2];
        Span<int> starts = stackalloc int[word.Length + 1];
        var length = 0;
        for (var i = 0; i < word.Length; i++)
        {
            starts[i] = length;
            length += Rune.IsValid(word[i]) ? new Rune(word[i]).EncodeToUtf16(text[length..]) : Put(word[i], text[length..]);
        }

        starts[word.Length] = length;

        // Step 2: the longest known piece at each place; a place without one makes the whole word unknown.
        var before = _ids.Count;
        var first = 0;
        while (first < word.Length)
        {
            var end = word.Length;
            while (end > first && !TryAdd(text[starts[first]..starts[end]], isContinuation: first > 0))
            {
                end--;
            }

            if (end == first)
            {
                _ids.RemoveRange(before, _ids.Count - before);
                _ids.Add(unknownId);
                break;
            }

            first = end;
        }

        if (_ids.Count > limit)
        {
            _ids.RemoveRange(limit, _ids.Count - limit);
        }
    }

    private bool TryAdd(ReadOnlySpan<char> piece, bool isContinuation)
    {
        var id = unknownId;
        var isKnown = piece.Length <= vocabulary.LongestPieceLength
            && (isContinuation ? vocabulary.TryGetContinuationId(piece, out id) : vocabulary.TryGetId(piece, out id));
        if (isKnown)
        {
            _ids.Add(id);
        }

        return isKnown;
    }

    private static int Put(int loneSurrogate, Span<char> destination)
    {
        destination[0] = (char)loneSurrogate;
        return 1;
    }
}
