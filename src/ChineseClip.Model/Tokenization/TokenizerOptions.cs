using System.Text.Json;

namespace ChineseClip.Model;

/// <summary>How text becomes tokens; the defaults are those of the published Chinese-CLIP models.</summary>
public sealed record TokenizerOptions
{
    public static TokenizerOptions Default { get; } = new();

    /// <summary>The implementation to equal; with <see cref="TokenizerReference.OfaSys"/> the three text switches have no effect.</summary>
    public TokenizerReference Reference { get; init; } = TokenizerReference.HuggingFace;

    /// <summary>Tokens of an encoded text with its two special ones; at least 2.</summary>
    public int MaxLength { get; init; } = 52;

    public bool DoLowerCase { get; init; } = true;

    /// <summary>Whether accents are dropped; null means: when lower case is made.</summary>
    public bool? StripAccents { get; init; }

    /// <summary>Whether every CJK ideograph stands alone.</summary>
    public bool TokenizeChineseChars { get; init; } = true;

    public string UnknownToken { get; init; } = "[UNK]";

    public string SeparatorToken { get; init; } = "[SEP]";

    public string PaddingToken { get; init; } = "[PAD]";

    public string ClassToken { get; init; } = "[CLS]";

    public string MaskToken { get; init; } = "[MASK]";

    /// <summary>Reads a tokenizer_config.json; what it does not say keeps its default.</summary>
    /// <exception cref="JsonException">The text is not such a document; the message names the field and the value.</exception>
    public static TokenizerOptions FromJson(string json)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw new JsonException($"The tokenizer configuration is a JSON {root.ValueKind}; it must be an object.");
        }

        // An absurdly large model_max_length is how the reference says "none".
        return new TokenizerOptions
        {
            MaxLength = Find(root, "model_max_length") is { ValueKind: JsonValueKind.Number } length
                && length.TryGetInt32(out var max) && max >= 2 ? max : Default.MaxLength,
            DoLowerCase = Switch(root, "do_lower_case") ?? true,
            StripAccents = Switch(root, "strip_accents"),
            TokenizeChineseChars = Switch(root, "tokenize_chinese_chars") ?? true,
            UnknownToken = Token(root, "unk_token") ?? Default.UnknownToken,
            SeparatorToken = Token(root, "sep_token") ?? Default.SeparatorToken,
            PaddingToken = Token(root, "pad_token") ?? Default.PaddingToken,
            ClassToken = Token(root, "cls_token") ?? Default.ClassToken,
            MaskToken = Token(root, "mask_token") ?? Default.MaskToken,
        };
    }

    private static JsonElement? Find(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static bool? Switch(JsonElement root, string name) => Find(root, name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        { } other => throw new JsonException($"{name} is {other.GetRawText()}; it must be true, false or null."),
    };

    // A token is written as a string or as {"content": "..."}.
    private static string? Token(JsonElement root, string name) => Find(root, name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text when text.GetString() is { Length: > 0 } content => content,
        { ValueKind: JsonValueKind.Object } added when added.TryGetProperty("content", out var content)
            && content.ValueKind == JsonValueKind.String && content.GetString() is { Length: > 0 } text => text,
        { } other => throw new JsonException($"{name} is {other.GetRawText()}; it must be a token."),
    };
}
