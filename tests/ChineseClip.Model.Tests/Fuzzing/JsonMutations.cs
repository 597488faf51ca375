using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;

namespace ChineseClip.Model.Tests.Fuzzing;

/// <summary>Damage that keeps a document JSON: values, names and nesting change.</summary>
internal static class JsonMutations
{
    private static readonly string[] Values =
        ["null", "true", "false", "0", "-1", "1", "2", "3", "7", "64", "1024", "0.5", "-0.0", "1e-320", "1e39", "1e308", "1e999", "2147483647", "2147483648",
         "9223372036854775807", "99999999999999999999", "\"\"", "\"a\"", "\"..\"", "\"\\ud800\"", "\"\\u0000\"", "[]", "{}", "[[]]", "[0,0]", "[224,224]", "{\"a\":{}}"];

    /// <param name="input">The document, which may be broken already.</param>
    /// <param name="names">Field names its readers look for.</param>
    /// <param name="random">Where chance comes from.</param>
    public static byte[] Mutate(byte[] input, IReadOnlyList<string> names, Random random)
    {
        if (random.Next(4) == 0 || Parse(input) is not { } root)
        {
            return ByteMutations.Havoc(input, random);
        }

        List<JsonNode> containers = [];
        Collect(root, containers);
        if (containers.Count > 0)
        {
            Change(containers[random.Next(containers.Count)], names, random);
        }

        string text = root.ToJsonString();
        return Encoding.UTF8.GetBytes(random.Next(12) switch
        {
            0 => Twice(text),
            1 => string.Concat(Enumerable.Repeat("[", 100)) + text,
            2 => "\uFEFF" + text,
            _ => text,
        });
    }

    private static JsonNode? Parse(byte[] input)
    {
        if (!Utf8.IsValid(input))
        {
            return null;
        }

        try
        {
            // Names and strings are looked at lazily; all of them must be sound.
            JsonNode? root = JsonNode.Parse(input, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false });
            _ = root?.ToJsonString();
            return root;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }

    private static void Collect(JsonNode node, List<JsonNode> containers)
    {
        containers.Add(node);
        foreach (JsonNode? child in node is JsonObject named ? named.Select(p => p.Value) : node is JsonArray array ? array : [])
        {
            if (child is JsonObject or JsonArray)
            {
                Collect(child, containers);
            }
        }
    }

    private static void Change(JsonNode container, IReadOnlyList<string> names, Random random)
    {
        JsonNode? value = JsonNode.Parse(random.Next(3) == 0
            ? ByteMutations.TellingNumber(random).ToString(CultureInfo.InvariantCulture)
            : Values[random.Next(Values.Length)] is var chosen && chosen.Contains("\\ud800", StringComparison.Ordinal) ? "\"x\"" : chosen);
        if (container is JsonArray array)
        {
            int place = random.Next(array.Count + 1);
            if (place < array.Count && random.Next(2) == 0)
            {
                array.RemoveAt(place);
            }

            array.Insert(Math.Min(place, array.Count), value);
        }
        else if (container is JsonObject named)
        {
            string[] present = [.. named.Select(p => p.Key)];
            string name = present.Length > 0 && random.Next(3) > 0 ? present[random.Next(present.Length)] : names[random.Next(names.Count)];
            switch (random.Next(5))
            {
                case 0:
                    named.Remove(name);
                    break;
                case 1 when named[name] is { } moved:
                    named[names[random.Next(names.Count)]] = moved.DeepClone();
                    break;
                case 2 when present.Length > 0:
                    named[name] = named[present[random.Next(present.Length)]]?.DeepClone();
                    break;
                default:
                    named[name] = value;
                    break;
            }
        }
    }

    /// <summary>The first field once more.</summary>
    private static string Twice(string text)
    {
        int comma = text.IndexOf(',', StringComparison.Ordinal);
        return comma > 0 ? text[..comma] + "," + text[1..comma] + text[comma..] : text;
    }
}
