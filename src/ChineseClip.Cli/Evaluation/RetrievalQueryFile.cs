using System.Text.Json;
using ChineseClip.Model.Evaluation;

namespace ChineseClip.Cli.Evaluation;

/// <summary>Reads annotated queries, one JSON object a line.</summary>
/// <remarks>Forms: <c>{"query_id","query_text","item_ids":[…]}</c> (MUGE) and <c>{"text_id","text","image_ids":[…]}</c>; ids are numbers or strings.</remarks>
internal static class RetrievalQueryFile
{
    public static IReadOnlyList<RetrievalQuery> Read(string path)
    {
        List<RetrievalQuery> queries = [];
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach ((string place, JsonElement line) in JsonLineReader.Read(path))
        {
            bool isMuge = line.TryGetProperty("query_text", out _);
            (string id, string text, string items) = isMuge ? ("query_id", "query_text", "item_ids") : ("text_id", "text", "image_ids");
            RetrievalQuery query = new(
                line.TryGetProperty(id, out JsonElement found) ? IdOf(found, id, place) : throw Wrong(place, id, "is absent"),
                TextOf(line, text, place),
                [.. JsonLineReader.Array(line, items, place).EnumerateArray().Select(item => IdOf(item, items, place)).Distinct(StringComparer.Ordinal)]);
            queries.Add(seen.Add(query.Id) ? query : throw Wrong(place, id, $"is {query.Id}, which an earlier line has"));
        }

        return queries.Count > 0 ? queries : throw new InvalidDataException($"{path}: holds 0 queries; must hold at least 1.");
    }

    private static string TextOf(JsonElement line, string name, string place) =>
        line.TryGetProperty(name, out JsonElement text) && text.ValueKind == JsonValueKind.String && !string.IsNullOrWhiteSpace(text.GetString())
            ? text.GetString()!
            : throw Wrong(place, name, "is absent, blank or no string; must be a text");

    private static string IdOf(JsonElement id, string name, string place) => id.ValueKind switch
    {
        JsonValueKind.String when id.GetString() is { Length: > 0 } text => text,
        JsonValueKind.Number => id.GetRawText(),
        _ => throw Wrong(place, name, $"has {id.GetRawText()}; must be numbers or strings"),
    };

    private static InvalidDataException Wrong(string place, string name, string detail) => new($"{place}: \"{name}\" {detail}.");
}
