using System.Text.Json;
using ChineseClip.Abstractions;

namespace ChineseClip.Grains.Shards.Fields;

/// <summary>What a dotted path reaches in a payload; where it meets an array, it goes through all its elements.</summary>
internal static class PayloadFields
{
    public static string[] Path(string field) => field.Split('.');

    public static FieldValues Read(ReadOnlyMemory<byte>? payload, string[] path)
    {
        if (payload is not { } bytes)
        {
            return FieldValues.Nothing;
        }

        using JsonDocument document = JsonDocument.Parse(bytes);
        return Read(document.RootElement, path);
    }

    public static FieldValues Read(JsonElement root, string[] path)
    {
        List<FilterValue>? values = null;
        bool exists = false;
        Visit(root, path, 0, ref values, ref exists);
        return exists ? new FieldValues(values) : FieldValues.Nothing;
    }

    private static void Visit(JsonElement element, string[] path, int depth, ref List<FilterValue>? values, ref bool exists)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement item in element.EnumerateArray())
            {
                Visit(item, path, depth, ref values, ref exists);
            }
        }
        else if (depth < path.Length)
        {
            if (element.ValueKind == JsonValueKind.Object && element.TryGetProperty(path[depth], out JsonElement inner))
            {
                Visit(inner, path, depth + 1, ref values, ref exists);
            }
        }
        else if (element.ValueKind != JsonValueKind.Null)
        {
            exists = true;
            if (ToValue(element) is { } value)
            {
                (values ??= []).Add(value);
            }
        }
    }

    // An object is there but is no value.
    private static FilterValue? ToValue(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => FilterValue.Of(element.GetString()!),
        JsonValueKind.Number => FilterValue.Of(element.GetDouble()),
        JsonValueKind.True => FilterValue.Of(true),
        JsonValueKind.False => FilterValue.Of(false),
        _ => null,
    };
}
