using System.Text;
using ChineseClip.Model.Tokenization;

namespace ChineseClip.Model;

/// <summary>Chinese-CLIP's BERT tokenizer, token for token as the Python references.</summary>
/// <remarks>
/// Threads: safe.  Cost: n log n in the length of the text at worst; <see cref="Encode(string)"/> stops reading once it is full.
/// Needs no ICU: Unicode 14's tables, which the references use, come with the library.
/// Source: HF transformers 4.34 (c26b2a29e500) BertTokenizer; OFA-Sys/Chinese-CLIP (31863c7) cn_clip/clip/bert_tokenizer.py.
/// </remarks>
public sealed class ChineseClipTokenizer
{
    private const int SpecialTokensPerText = 2;

    private readonly Vocabulary _vocabulary;
    private readonly string _vocabularyPath;
    private readonly WordReader _words;
    private readonly HashSet<int> _specialIds;

    private ChineseClipTokenizer(Vocabulary vocabulary, string vocabularyPath, TokenizerOptions options)
    {
        _vocabulary = vocabulary;
        _vocabularyPath = vocabularyPath;
        Options = options;
        PadId = Require(options.PaddingToken, vocabularyPath);
        UnkId = Require(options.UnknownToken, vocabularyPath);
        ClsId = Require(options.ClassToken, vocabularyPath);
        SepId = Require(options.SeparatorToken, vocabularyPath);
        MaskId = vocabulary.TryGetId(options.MaskToken, out var maskId) ? maskId : null;

        var specials = new Dictionary<string, int>(StringComparer.Ordinal)
        {
            [options.PaddingToken] = PadId,
            [options.UnknownToken] = UnkId,
            [options.ClassToken] = ClsId,
            [options.SeparatorToken] = SepId,
        };
        if (MaskId is { } mask)
        {
            specials[options.MaskToken] = mask;
        }

        _specialIds = [.. specials.Values];
        _words = new WordReader(options, specials);
    }

    public TokenizerOptions Options { get; }

    public TokenizerReference Reference => Options.Reference;

    public int MaxLength => Options.MaxLength;

    public int PadId { get; }

    public int ClsId { get; }

    public int SepId { get; }

    public int UnkId { get; }

    /// <summary>The id of the mask token, or null where the vocabulary has none.</summary>
    public int? MaskId { get; }

    public int VocabularySize => _vocabulary.Count;

    private int MaxWordLength => Reference == TokenizerReference.OfaSys ? 200 : 100;

    /// <inheritdoc cref="Load(string, TokenizerOptions)"/>
    public static ChineseClipTokenizer Load(
        string vocabularyPath, TokenizerReference reference = TokenizerReference.HuggingFace, int maxLength = 52) =>
        Load(vocabularyPath, new TokenizerOptions { Reference = reference, MaxLength = maxLength });

    /// <summary>Reads a vocab.txt.</summary>
    /// <exception cref="InvalidDataException">The file is not UTF-8 or lacks a special token; the message names both.</exception>
    public static ChineseClipTokenizer Load(string vocabularyPath, TokenizerOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(vocabularyPath);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxLength, SpecialTokensPerText, nameof(options.MaxLength));
        return new ChineseClipTokenizer(Vocabulary.Load(vocabularyPath), vocabularyPath, options);
    }

    /// <summary>The same vocabulary and options as another implementation would use them.</summary>
    public ChineseClipTokenizer With(TokenizerReference reference) =>
        reference == Reference ? this : new ChineseClipTokenizer(_vocabulary, _vocabularyPath, Options with { Reference = reference });

    /// <summary>Reads vocab.txt and, where there is one, tokenizer_config.json of a model folder.</summary>
    public static ChineseClipTokenizer FromDirectory(
        string directory, TokenizerReference reference = TokenizerReference.HuggingFace)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        var configuration = Path.Combine(directory, "tokenizer_config.json");
        var options = File.Exists(configuration)
            ? TokenizerOptions.FromJson(File.ReadAllText(configuration))
            : TokenizerOptions.Default;
        return Load(Path.Combine(directory, "vocab.txt"), options with { Reference = reference });
    }

    /// <summary>The word pieces of a text, without special tokens and without a limit.</summary>
    public IReadOnlyList<string> Tokenize(string text) => [.. ReadPieces(text, int.MaxValue).Select(id => _vocabulary[id])];

    /// <summary>The id of each token; an unknown one has <see cref="UnkId"/>.</summary>
    public int[] ConvertToIds(IEnumerable<string> tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        return [.. tokens.Select(token => _vocabulary.TryGetId(token, out var id) ? id : UnkId)];
    }

    /// <summary>The token of each id.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An id is negative or not below <see cref="VocabularySize"/>.</exception>
    public string[] ConvertToTokens(ReadOnlySpan<int> ids)
    {
        var tokens = new string[ids.Length];
        for (var i = 0; i < ids.Length; i++)
        {
            tokens[i] = TokenOf(ids[i], i);
        }

        return tokens;
    }

    /// <summary>[CLS], the first word pieces that fit, [SEP]: at most <see cref="MaxLength"/> ids, no padding.</summary>
    public int[] Encode(string text) => Encode(text, MaxLength);

    /// <summary>As <see cref="Encode(string)"/> with another limit; null for none.</summary>
    public int[] Encode(string text, int? maxLength)
    {
        if (maxLength is { } limit)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(limit, SpecialTokensPerText, nameof(maxLength));
        }

        var pieces = ReadPieces(text, maxLength is { } length ? length - SpecialTokensPerText : int.MaxValue);
        var ids = new int[pieces.Count + SpecialTokensPerText];
        ids[0] = ClsId;
        pieces.CopyTo(ids, 1);
        ids[^1] = SepId;
        return ids;
    }

    /// <summary>Encodes texts into one rectangle of ids with its attention mask.</summary>
    public TokenBatch EncodeBatch(IReadOnlyList<string> texts, TokenBatchOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(texts);
        options ??= TokenBatchOptions.Default;
        var maxLength = options.MaxLength ?? MaxLength;
        var rows = new int[texts.Count][];
        for (var row = 0; row < rows.Length; row++)
        {
            rows[row] = Encode(texts[row], options.Truncate ? maxLength : null);
        }

        return TokenBatch.Pack(rows, options.Padding, maxLength, PadId);
    }

    /// <summary>The text of the ids: pieces joined into words, spaces before punctuation removed, as the reference's decode.</summary>
    /// <param name="ids">Token ids.</param>
    /// <param name="skipSpecialTokens">Whether [CLS], [SEP], [PAD] and the like are left out; the reference's default is false.</param>
    /// <param name="cleanUpSpaces">Whether spaces before punctuation go, as <c>clean_up_tokenization_spaces</c>.</param>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = true, bool cleanUpSpaces = true)
    {
        var joined = new StringBuilder();
        for (var i = 0; i < ids.Length; i++)
        {
            var token = TokenOf(ids[i], i);
            if (!skipSpecialTokens || !_specialIds.Contains(ids[i]))
            {
                joined.Append(joined.Length > 0 ? " " : "").Append(token);
            }
        }

        // Step 1: words. Step 2: the reference's clean_up_tokenization, in its order.
        string words = joined.Replace(" ##", "").ToString().Trim();
        return !cleanUpSpaces ? words : words
            .Replace(" .", ".", StringComparison.Ordinal).Replace(" ?", "?", StringComparison.Ordinal)
            .Replace(" !", "!", StringComparison.Ordinal).Replace(" ,", ",", StringComparison.Ordinal)
            .Replace(" ' ", "'", StringComparison.Ordinal).Replace(" n't", "n't", StringComparison.Ordinal)
            .Replace(" 'm", "'m", StringComparison.Ordinal).Replace(" 's", "'s", StringComparison.Ordinal)
            .Replace(" 've", "'ve", StringComparison.Ordinal).Replace(" 're", "'re", StringComparison.Ordinal);
    }

    /// <inheritdoc cref="Decode"/>
    public string[] DecodeBatch(IEnumerable<int[]> rows, bool skipSpecialTokens = true, bool cleanUpSpaces = true)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return [.. rows.Select(row => Decode(row, skipSpecialTokens, cleanUpSpaces))];
    }

    private List<int> ReadPieces(string text, int limit)
    {
        ArgumentNullException.ThrowIfNull(text);
        var pieces = new WordPieces(_vocabulary, UnkId, MaxWordLength, limit);
        _words.Read(text, pieces);
        return pieces.Ids;
    }

    private string TokenOf(int id, int index) => (uint)id < (uint)VocabularySize
        ? _vocabulary[id]
        : throw new ArgumentOutOfRangeException(
            nameof(id), id, $"Element {index} is {id}; the vocabulary has ids 0 to {VocabularySize - 1}.");

    private int Require(string token, string vocabularyPath) => _vocabulary.TryGetId(token, out var id)
        ? id
        : throw new InvalidDataException(
            $"Vocabulary {vocabularyPath} ({VocabularySize} lines) lacks the special token '{token}'.");
}
