using System.Text.Json;
using System.Text.Unicode;

namespace ChineseClip.Model.Checkpoints;

/// <summary>One object of a JSON settings file; its readers name file, field, value and bound when something is wrong.</summary>
internal sealed class JsonSection(string file, string path, JsonElement element)
{
    private const int MaxDepth = 32;

    /// <summary>Parses a whole file: valid UTF-8, one object, no field twice.</summary>
    public static JsonDocument ParseDocument(ReadOnlyMemory<byte> json, string file)
    {
        if (!Utf8.IsValid(json.Span))
        {
            throw new ModelFormatException(file, "the JSON is not valid UTF-8");
        }

        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(
                json, new JsonDocumentOptions { MaxDepth = MaxDepth, AllowDuplicateProperties = false });
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Half of a surrogate pair, written as an escape, is the InvalidOperationException.
            throw new ModelFormatException(file, $"the JSON is malformed: {e.Message}", e);
        }

        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            JsonValueKind kind = document.RootElement.ValueKind;
            document.Dispose();
            throw new ModelFormatException(file, $"the JSON is a {kind}; expected an object");
        }

        return document;
    }

    public JsonSection Empty(string name) => new(file, Full(name), default);

    /// <summary>The named object, or null where it is absent or null.</summary>
    public JsonSection? Section(string name)
    {
        if (!TryGet(name, out JsonElement value))
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Object
            ? new JsonSection(file, Full(name), value)
            : throw Wrong(name, value.GetRawText(), "an object");
    }

    public string Text(string name, string defaultValue)
    {
        if (!TryGet(name, out JsonElement value))
        {
            return defaultValue;
        }

        return ReadString(value) ?? throw Wrong(name, value.GetRawText(), "a string");
    }

    /// <summary>Null for what is no string, or one with half of a surrogate pair in it.</summary>
    public static string? ReadString(JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    public int Int32(string name, int defaultValue, int min, int max)
    {
        if (!TryGet(name, out JsonElement value))
        {
            return defaultValue;
        }

        bool valid = value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) && number >= min && number <= max;
        return valid ? value.GetInt32() : throw Wrong(name, value.GetRawText(), $"a whole number {min}..{max}");
    }

    public float Single(string name, float defaultValue, float min, float max)
    {
        if (!TryGet(name, out JsonElement value))
        {
            return defaultValue;
        }

        bool valid = value.ValueKind == JsonValueKind.Number && value.TryGetSingle(out float number) && number >= min && number <= max;
        return valid ? value.GetSingle() : throw Wrong(name, value.GetRawText(), $"a number {min}..{max}");
    }

    public ModelFormatException Wrong(string name, string value, string expected)
    {
        string shown = value.Length <= 80 ? value : value[..80] + "…";
        return new ModelFormatException(file, $"{Full(name)} is {shown}; expected {expected}");
    }

    private bool TryGet(string name, out JsonElement value)
    {
        value = default;
        return element.ValueKind == JsonValueKind.Object
            && element.TryGetProperty(name, out value)
            && value.ValueKind != JsonValueKind.Null;
    }

    private string Full(string name) => path.Length == 0 ? name : $"{path}.{name}";
}
