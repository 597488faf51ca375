using System.Text.Json;

namespace ChineseClip.Model.Tests.Tokenization;

/// <summary>The reference tokenizers' answers; the vocabulary published with the models is not shipped with the project.</summary>
internal static class TokenizerGolden
{
    public static string TinyVocabulary => PathOf("vocab.txt");

    /// <summary>The published vocabulary, where the folder beside the checkout has it.</summary>
    public static string? BertVocabulary { get; } = FindBertVocabulary();

    public static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "Golden", "tokenizer", name);

    public static IReadOnlyList<Row> Read(string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(PathOf(name)));
        return [.. document.RootElement.GetProperty("rows").EnumerateArray().Select(Row.Parse)];
    }

    private static string? FindBertVocabulary()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "shared", "golden", "bert-base-chinese-vocab.txt");
            if (File.Exists(candidate))
            {
                return candidate;
            }
        }

        return null;
    }

    internal sealed record Row(string Text, string[] HfTokens, int[] HfIds, int[] HfInput, string[] OfaTokens, int[] OfaIds, int[] OfaInput)
    {
        public static Row Parse(JsonElement row)
        {
            var tokens = Strings(row.GetProperty("hf_tokens"));
            var ids = Numbers(row.GetProperty("hf_ids"));
            return new Row(
                row.GetProperty("text").GetString()!,
                tokens,
                ids,
                Numbers(row.GetProperty("hf_input_ids_52")),
                row.TryGetProperty("ofa_tokens", out var ofaTokens) ? Strings(ofaTokens) : tokens,
                row.TryGetProperty("ofa_ids", out var ofaIds) ? Numbers(ofaIds) : ids,
                Numbers(row.GetProperty("ofa_input_ids_52")));
        }

        private static string[] Strings(JsonElement array) => [.. array.EnumerateArray().Select(item => item.GetString()!)];

        private static int[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(item => item.GetInt32())];
    }
}
