using System.Collections;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace ChineseClip.Server;

/// <summary>Refuses <c>null</c> within a list of texts, items or conditions, which the serializer would let through.</summary>
internal static class NullElements
{
    /// <summary>A modifier of type metadata: looks at the lists of every record after it is read.</summary>
    public static void Refuse(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object)
        {
            return;
        }

        JsonPropertyInfo[] lists = [.. type.Properties.Where(property => property.Get is not null && HoldsReferences(property.PropertyType))];
        if (lists.Length > 0)
        {
            type.OnDeserialized += record => Check(record, lists);
        }
    }

    private static bool HoldsReferences(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) && !type.GetGenericArguments()[0].IsValueType;

    private static void Check(object record, JsonPropertyInfo[] lists)
    {
        foreach (JsonPropertyInfo list in lists)
        {
            int index = 0;
            foreach (object? element in (IEnumerable?)list.Get!(record) ?? Array.Empty<object>())
            {
                if (element is null)
                {
                    throw new JsonException($"{list.Name}[{index}] is null.");
                }

                index++;
            }
        }
    }
}
