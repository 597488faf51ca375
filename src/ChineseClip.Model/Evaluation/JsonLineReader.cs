using System.Text.Json;

namespace ChineseClip.Model.Evaluation;

/// <summary>Goes through a JSON Lines file one object at a time.</summary>
public static class JsonLineReader
{
    /// <exception cref="InvalidDataException">A line is no JSON object; the message names file and line.</exception>
    public static IEnumerable<(string Place, JsonElement Value)> Read(string path)
    {
        int number = 0;
        foreach (string line in File.ReadLines(path))
        {
            number++;
            if (!string.IsNullOrWhiteSpace(line))
            {
                string place = $"{path}, line {number}";
                yield return (place, Parse(line, place));
            }
        }
    }

    public static long Id(JsonElement value, string name, string place) =>
        value.TryGetProperty(name, out JsonElement id) && id.ValueKind == JsonValueKind.Number && id.TryGetInt64(out long number)
            ? number
            : throw new InvalidDataException($"{place}: \"{name}\" is {Shown(value, name)}; must be a whole number.");

    public static JsonElement Array(JsonElement value, string name, string place) =>
        value.TryGetProperty(name, out JsonElement array) && array.ValueKind == JsonValueKind.Array
            ? array
            : throw new InvalidDataException($"{place}: \"{name}\" is {Shown(value, name)}; must be an array.");

    private static JsonElement Parse(string line, string place)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document.RootElement.Clone()
                : throw new InvalidDataException($"{place}: holds a JSON {document.RootElement.ValueKind}; must be an object.");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"{place}: is not JSON: {exception.Message}", exception);
        }
    }

    private static string Shown(JsonElement value, string name)
    {
        if (!value.TryGetProperty(name, out JsonElement found))
        {
            return "absent";
        }

        string text = found.GetRawText();
        return text.Length <= 64 ? text : text[..64] + "…";
    }
}
