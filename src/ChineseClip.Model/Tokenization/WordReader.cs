using System.Buffers;

namespace ChineseClip.Model.Tokenization;

/// <summary>Cleans text and cuts it into normalized words, as the references' BasicTokenizer.</summary>
/// <remarks>
/// Cost: n log n in the length of the longest word at worst; memory: three times that word.
/// Source: HF transformers 4.34 tokenization_bert.py and tokenization_utils.py; OFA-Sys cn_clip/clip/bert_tokenizer.py.
/// </remarks>
internal sealed class WordReader
{
    private readonly TokenizerOptions _options;
    private readonly bool _isOfa;
    private readonly bool _stripsAccents;
    private readonly CharacterFlags _dropped;
    private readonly KeyValuePair<string, int>[] _specials;
    private readonly SearchValues<string> _specialTokens;

    /// <summary>Special tokens are kept whole where they stand in the text, by the HF reference only.</summary>
    public WordReader(TokenizerOptions options, IEnumerable<KeyValuePair<string, int>> specials)
    {
        _options = options;
        _isOfa = options.Reference == TokenizerReference.OfaSys;
        _stripsAccents = _isOfa || (options.StripAccents ?? options.DoLowerCase);
        _dropped = _isOfa ? CharacterFlags.ControlOrFormat : CharacterFlags.Other;
        _specials = _isOfa ? [] : [.. specials.OrderByDescending(special => special.Key.Length)];
        _specialTokens = SearchValues.Create([.. _specials.Select(special => special.Key)], StringComparison.Ordinal);
    }

    public void Read(ReadOnlySpan<char> text, WordPieces pieces)
    {
        Span<int> memory = stackalloc int[128];
        var word = new CodePointBuffer(memory);
        while (!text.IsEmpty && !pieces.IsFull)
        {
            var (start, length, id) = FindSpecial(text);
            ReadSegment(text[..start], ref word, pieces);
            if (length > 0)
            {
                pieces.AddToken(id);
            }

            text = text[(start + length)..];
        }

        word.Dispose();
    }

    private (int Start, int Length, int Id) FindSpecial(ReadOnlySpan<char> text)
    {
        var start = text.IndexOfAny(_specialTokens);
        if (start >= 0)
        {
            // The longest of those that begin here.
            foreach (var (token, id) in _specials)
            {
                if (text[start..].StartsWith(token, StringComparison.Ordinal))
                {
                    return (start, token.Length, id);
                }
            }
        }

        return (text.Length, 0, 0);
    }

    private void ReadSegment(ReadOnlySpan<char> text, ref CodePointBuffer word, WordPieces pieces)
    {
        Span<int> memory = stackalloc int[2];
        var lowered = new CodePointBuffer(memory);
        for (var i = 0; i < text.Length && !pieces.IsFull; i++)
        {
            int codePoint = text[i];
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                codePoint = char.ConvertToUtf32(text[i], text[++i]);
            }

            // The HF reference makes lower case here, character by character, so that it never sees a final sigma.
            lowered.Clear();
            if (!_isOfa && _options.DoLowerCase)
            {
                TextNormalization.AppendLower(codePoint, ref lowered);
            }
            else
            {
                lowered.Add(codePoint);
            }

            foreach (var character in lowered.Items)
            {
                ReadCharacter(character, ref word, pieces);
            }
        }

        EndWord(ref word, pieces);
    }

    private void ReadCharacter(int character, ref CodePointBuffer word, WordPieces pieces)
    {
        var flags = UnicodeTables.Flags(character);
        if (character is 0 or 0xFFFD || (flags & _dropped) != 0)
        {
            return;
        }

        if ((flags & CharacterFlags.WhiteSpace) != 0)
        {
            EndWord(ref word, pieces);
        }
        else if ((_isOfa || _options.TokenizeChineseChars) && IsIdeograph(character))
        {
            EndWord(ref word, pieces);
            word.Add(character);
            EndWord(ref word, pieces);
        }
        else
        {
            word.Add(character);
        }
    }

    private void EndWord(ref CodePointBuffer word, WordPieces pieces)
    {
        if (word.Count == 0)
        {
            return;
        }

        if (IsPlain(word.Items))
        {
            pieces.AddWord(word.Items);
        }
        else
        {
            AddNormalized(word.Items, pieces);
        }

        word.Clear();
    }

    // Nothing below U+00C0 changes but upper case, which only the OFA-Sys reference still has here.
    private bool IsPlain(ReadOnlySpan<int> word) => _isOfa
        ? !word.ContainsAnyExceptInRange(0, '@')
        : !word.ContainsAnyExceptInRange(0, 0xBF) && !MayBeSpecial(word);

    private bool MayBeSpecial(ReadOnlySpan<int> word)
    {
        foreach (var (token, _) in _specials)
        {
            if (word[0] == token[0])
            {
                return true;
            }
        }

        return false;
    }

    private void AddNormalized(ReadOnlySpan<int> word, WordPieces pieces)
    {
        Span<int> memory = stackalloc int[256];
        var normalized = new CodePointBuffer(memory[..128]);
        if (_isOfa)
        {
            var lowered = new CodePointBuffer(memory[128..]);
            TextNormalization.LowerWord(word, ref lowered);
            TextNormalization.DecomposeWithoutAccents(lowered.Items, ref normalized);
            lowered.Dispose();
            pieces.AddWord(normalized.Items);
        }
        else
        {
            // The reference composes first; a special token that appears only now, by cleaning, stays whole.
            TextNormalization.Compose(word, ref normalized);
            if (TryFindSpecial(normalized.Items, out var id))
            {
                pieces.AddToken(id);
            }
            else if (_stripsAccents)
            {
                TextNormalization.DecomposeWithoutAccents(word, ref normalized);
                pieces.AddWord(normalized.Items);
            }
            else
            {
                pieces.AddWord(normalized.Items);
            }
        }

        normalized.Dispose();
    }

    private bool TryFindSpecial(ReadOnlySpan<int> word, out int id)
    {
        foreach (var (token, tokenId) in _specials)
        {
            if (token.Length == word.Length && word.SequenceEqual(Array.ConvertAll(token.ToCharArray(), unit => (int)unit)))
            {
                id = tokenId;
                return true;
            }
        }

        id = 0;
        return false;
    }

    private static bool IsIdeograph(int codePoint) => codePoint is (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF)
        or (>= 0x20000 and <= 0x2A6DF) or (>= 0x2A700 and <= 0x2B73F) or (>= 0x2B740 and <= 0x2B81F)
        or (>= 0x2B820 and <= 0x2CEAF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x2F800 and <= 0x2FA1F);
}
