using System.Text;

namespace ChineseClip.Model.Tokenization;

/// <summary>Word pieces and their ids, looked up without allocation.</summary>
internal sealed class Vocabulary
{
    private const string ContinuationPrefix = "##";

    private readonly string[] _tokens;
    private readonly Dictionary<string, int> _ids;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _words;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _continuations;

    private Vocabulary(string[] tokens)
    {
        _tokens = tokens;
        _ids = new Dictionary<string, int>(tokens.Length, StringComparer.Ordinal);
        var continuations = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var id = 0; id < tokens.Length; id++)
        {
            // Of equal lines the last one counts, as in the reference.
            var token = tokens[id];
            _ids[token] = id;
            LongestPieceLength = Math.Max(LongestPieceLength, token.Length);
            if (token.StartsWith(ContinuationPrefix, StringComparison.Ordinal))
            {
                continuations[token[ContinuationPrefix.Length..]] = id;
            }
        }

        _words = _ids.GetAlternateLookup<ReadOnlySpan<char>>();
        _continuations = continuations.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public int Count => _tokens.Length;

    /// <summary>No piece is longer than this many UTF-16 units.</summary>
    public int LongestPieceLength { get; }

    public string this[int id] => _tokens[id];

    /// <summary>Reads a vocab.txt: one token a line, its id the number of the line from 0.</summary>
    /// <remarks>Lines end as Python's text files do, at LF, CR LF or CR only: some tokens hold U+2028 or U+0085.</remarks>
    public static Vocabulary Load(string path)
    {
        string text;
        try
        {
            text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(File.ReadAllBytes(path));
        }
        catch (DecoderFallbackException exception)
        {
            throw new InvalidDataException($"Vocabulary {path} is not UTF-8: {exception.Message}", exception);
        }

        text = text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        var lines = text.Split('\n');
        return new Vocabulary(lines[^1].Length == 0 ? lines[..^1] : lines);
    }

    public bool TryGetId(ReadOnlySpan<char> token, out int id) => _words.TryGetValue(token, out id);

    /// <summary>Looks up "##" + <paramref name="piece"/>.</summary>
    public bool TryGetContinuationId(ReadOnlySpan<char> piece, out int id) => _continuations.TryGetValue(piece, out id);
}
