using System.Text.Json;
using ChineseClip.Abstractions;

namespace ChineseClip.Grains.Shards;

/// <summary>The values a dotted path reaches in a payload.</summary>
internal static class PayloadFields
{
    /// <summary>Every distinct scalar the path reaches; where it meets an array, those of all its elements.</summary>
    public static IReadOnlyCollection<FilterValue> Values(ReadOnlyMemory<byte>? payload, string field)
    {
        if (payload is not { } bytes)
        {
            return [];
        }

        using JsonDocument document = JsonDocument.Parse(bytes);
        HashSet<FilterValue> values = [];
        Visit(document.RootElement, field.Split('.'), 0, element =>
        {
            if (ToValue(element) is { } value)
            {
                values.Add(value);
            }

            return false;
        });
        return values;
    }

    /// <summary>Calls <paramref name="visit"/> for everything the path reaches until it says true; whether it did.</summary>
    public static bool Visit(JsonElement element, string[] path, int depth, Func<JsonElement, bool> visit)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement item in element.EnumerateArray())
            {
                if (Visit(item, path, depth, visit))
                {
                    return true;
                }
            }

            return false;
        }

        return depth == path.Length
            ? visit(element)
            : element.ValueKind == JsonValueKind.Object && element.TryGetProperty(path[depth], out JsonElement inner)
                && Visit(inner, path, depth + 1, visit);
    }

    /// <summary>The scalar; null for null, objects and arrays.</summary>
    public static FilterValue? ToValue(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => FilterValue.Of(element.GetString()!),
        JsonValueKind.Number => FilterValue.Of(element.GetDouble()),
        JsonValueKind.True => FilterValue.Of(true),
        JsonValueKind.False => FilterValue.Of(false),
        _ => null,
    };
}
