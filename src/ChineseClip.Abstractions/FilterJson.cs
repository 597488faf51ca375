using System.Text.Json;

namespace ChineseClip.Abstractions;

/// <summary>Reads a filter as users write it: <c>{"must":[…],"should":[…],"mustNot":[…]}</c> of conditions.</summary>
public static class FilterJson
{
    private const int MaxDepth = 16;
    private const int MaxConditions = 1024;

    /// <summary>Reads a filter.</summary>
    /// <param name="filter">The JSON object.</param>
    /// <returns>The clause.</returns>
    /// <exception cref="ClusterException">
    /// <see cref="ErrorCode.InvalidInput"/>: something in it is unknown or of the wrong type; the message names it.
    /// </exception>
    public static FilterClause Parse(JsonElement filter)
    {
        int conditions = 0;
        return Clause(filter, "filter", 0, ref conditions);
    }

    private static FilterClause Clause(JsonElement element, string at, int depth, ref int conditions)
    {
        Require(element.ValueKind == JsonValueKind.Object, $"{at} is {Kind(element)}; must be an object.");
        Require(depth <= MaxDepth, $"{at} is nested deeper than {MaxDepth} clauses.");
        FilterClause clause = new();
        foreach (JsonProperty property in element.EnumerateObject())
        {
            string here = $"{at}.{property.Name}";
            switch (property.Name)
            {
                case "must":
                    clause = clause with { Must = Conditions(property.Value, here, depth, ref conditions) };
                    break;
                case "should":
                    clause = clause with { Should = Conditions(property.Value, here, depth, ref conditions) };
                    break;
                case "mustNot":
                    clause = clause with { MustNot = Conditions(property.Value, here, depth, ref conditions) };
                    break;
                default:
                    throw Invalid($"{here} is unknown; a filter has must, should and mustNot.");
            }
        }

        return clause;
    }

    private static FilterCondition[] Conditions(JsonElement element, string at, int depth, ref int conditions)
    {
        Require(element.ValueKind == JsonValueKind.Array, $"{at} is {Kind(element)}; must be an array of conditions.");
        FilterCondition[] result = new FilterCondition[element.GetArrayLength()];
        for (int i = 0; i < result.Length; i++)
        {
            Require(++conditions <= MaxConditions, $"The filter has more than {MaxConditions} conditions.");
            result[i] = Condition(element[i], $"{at}[{i}]", depth, ref conditions);
        }

        return result;
    }

    private static FilterCondition Condition(JsonElement element, string at, int depth, ref int conditions)
    {
        Require(element.ValueKind == JsonValueKind.Object, $"{at} is {Kind(element)}; must be an object.");
        if (element.TryGetProperty("must", out _) || element.TryGetProperty("should", out _)
            || element.TryGetProperty("mustNot", out _))
        {
            return new NestedClause { Clause = Clause(element, at, depth + 1, ref conditions) };
        }

        if (element.TryGetProperty("id", out JsonElement ids))
        {
            RequireOnly(element, at, "id");
            return new IdIn { Ids = Strings(ids, $"{at}.id") };
        }

        Require(
            element.TryGetProperty("field", out JsonElement name) && name.ValueKind == JsonValueKind.String
                && name.GetString()!.Length > 0,
            $"{at} has no field; a condition is a field with match, in, range or exists, or an id list, or a clause.");
        string field = name.GetString()!;
        if (element.TryGetProperty("match", out JsonElement match))
        {
            RequireOnly(element, at, "field", "match");
            return new FieldIn { Field = field, Values = [Value(match, $"{at}.match")] };
        }

        if (element.TryGetProperty("in", out JsonElement values))
        {
            RequireOnly(element, at, "field", "in");
            Require(values.ValueKind == JsonValueKind.Array, $"{at}.in is {Kind(values)}; must be an array.");
            return new FieldIn
            {
                Field = field,
                Values = [.. values.EnumerateArray().Select((value, i) => Value(value, $"{at}.in[{i}]"))],
            };
        }

        if (element.TryGetProperty("range", out JsonElement range))
        {
            RequireOnly(element, at, "field", "range");
            return Range(field, range, $"{at}.range");
        }

        Require(
            element.TryGetProperty("exists", out JsonElement exists)
                && exists.ValueKind is JsonValueKind.True or JsonValueKind.False,
            $"{at} has none of match, in, range, exists (true or false).");
        RequireOnly(element, at, "field", "exists");
        return new FieldExists { Field = field, Exists = exists.GetBoolean() };
    }

    private static FieldRange Range(string field, JsonElement element, string at)
    {
        Require(element.ValueKind == JsonValueKind.Object, $"{at} is {Kind(element)}; must be an object.");
        FieldRange range = new() { Field = field };
        foreach (JsonProperty bound in element.EnumerateObject())
        {
            Require(
                bound.Value.ValueKind == JsonValueKind.Number,
                $"{at}.{bound.Name} is {Kind(bound.Value)}; must be a number.");
            double value = bound.Value.GetDouble();
            range = bound.Name switch
            {
                "gt" => range with { GreaterThan = value },
                "gte" => range with { AtLeast = value },
                "lt" => range with { LessThan = value },
                "lte" => range with { AtMost = value },
                _ => throw Invalid($"{at}.{bound.Name} is unknown; a range has gt, gte, lt and lte."),
            };
        }

        return range;
    }

    private static FilterValue Value(JsonElement element, string at) => element.ValueKind switch
    {
        JsonValueKind.String => FilterValue.Of(element.GetString()!),
        JsonValueKind.Number => FilterValue.Of(element.GetDouble()),
        JsonValueKind.True => FilterValue.Of(true),
        JsonValueKind.False => FilterValue.Of(false),
        _ => throw Invalid($"{at} is {Kind(element)}; must be a string, a number, true or false."),
    };

    private static string[] Strings(JsonElement element, string at)
    {
        Require(
            element.ValueKind == JsonValueKind.Array
                && element.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String),
            $"{at} is not an array of strings.");
        return [.. element.EnumerateArray().Select(item => item.GetString()!)];
    }

    private static void RequireOnly(JsonElement element, string at, params ReadOnlySpan<string> names)
    {
        foreach (JsonProperty property in element.EnumerateObject())
        {
            Require(names.Contains(property.Name), $"{at}.{property.Name} does not belong there.");
        }
    }

    private static void Require(bool holds, string message)
    {
        if (!holds)
        {
            throw Invalid(message);
        }
    }

    private static ClusterException Invalid(string message) => new(ErrorCode.InvalidInput, message);

    private static string Kind(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => element.ValueKind.ToString(),
    };
}
