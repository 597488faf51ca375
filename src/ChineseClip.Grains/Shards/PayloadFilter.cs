using System.Text.Json;
using ChineseClip.Abstractions;

namespace ChineseClip.Grains.Shards;

/// <summary>A filter made ready: paths split, values and ids in sets. Passes an item or does not.</summary>
/// <remarks>Threads: safe. Cost: parses the payload once for each item, when the filter looks at fields at all.</remarks>
internal sealed class PayloadFilter
{
    private readonly Func<ShardEntry, JsonElement, bool> _passes;
    private readonly bool _readsFields;

    public PayloadFilter(FilterClause clause)
    {
        _passes = Compile(clause);
        _readsFields = ReadsFields(clause);
        OnlyIds = clause.Must.OfType<IdIn>().FirstOrDefault()?.Ids.Distinct(StringComparer.Ordinal).ToArray();
    }

    /// <summary>When set, no item but these can pass.</summary>
    public IReadOnlyList<string>? OnlyIds { get; }

    public bool Passes(ShardEntry entry)
    {
        if (!_readsFields || entry.Payload is not { } payload)
        {
            return _passes(entry, default);
        }

        using JsonDocument document = JsonDocument.Parse(payload);
        return _passes(entry, document.RootElement);
    }

    private static Func<ShardEntry, JsonElement, bool> Compile(FilterClause clause)
    {
        Func<ShardEntry, JsonElement, bool>[] must = Array.ConvertAll(clause.Must, Compile);
        Func<ShardEntry, JsonElement, bool>[] should = Array.ConvertAll(clause.Should, Compile);
        Func<ShardEntry, JsonElement, bool>[] mustNot = Array.ConvertAll(clause.MustNot, Compile);
        return (entry, root) =>
            Array.TrueForAll(must, condition => condition(entry, root))
            && (should.Length == 0 || Array.Exists(should, condition => condition(entry, root)))
            && !Array.Exists(mustNot, condition => condition(entry, root));
    }

    private static Func<ShardEntry, JsonElement, bool> Compile(FilterCondition condition) => condition switch
    {
        IdIn ids => IdSet(ids),
        NestedClause nested => Compile(nested.Clause),
        FieldIn field => OneOf(field),
        FieldRange range => Within(range),
        FieldExists exists => Exists(exists),
        _ => throw new ClusterException(
            ErrorCode.InvalidInput, $"The filter has the unknown condition {condition.GetType().Name}."),
    };

    private static Func<ShardEntry, JsonElement, bool> IdSet(IdIn condition)
    {
        HashSet<string> ids = new(condition.Ids, StringComparer.Ordinal);
        return (entry, _) => ids.Contains(entry.Id);
    }

    private static Func<ShardEntry, JsonElement, bool> OneOf(FieldIn condition)
    {
        HashSet<FilterValue> values = [.. condition.Values];
        string[] path = condition.Field.Split('.');
        return (_, root) => PayloadFields.Visit(
            root, path, 0, element => PayloadFields.ToValue(element) is { } value && values.Contains(value));
    }

    private static Func<ShardEntry, JsonElement, bool> Within(FieldRange range)
    {
        string[] path = range.Field.Split('.');
        return (_, root) => PayloadFields.Visit(root, path, 0, element =>
            element.ValueKind == JsonValueKind.Number && Fits(range, element.GetDouble()));
    }

    private static bool Fits(FieldRange range, double value) =>
        !(value <= range.GreaterThan) && !(value < range.AtLeast) && !(value >= range.LessThan) && !(value > range.AtMost);

    private static Func<ShardEntry, JsonElement, bool> Exists(FieldExists condition)
    {
        string[] path = condition.Field.Split('.');
        return (_, root) => condition.Exists == PayloadFields.Visit(
            root, path, 0, element => element.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined));
    }

    private static bool ReadsFields(FilterClause clause) =>
        clause.Must.Concat(clause.Should).Concat(clause.MustNot).Any(condition => condition switch
        {
            IdIn => false,
            NestedClause nested => ReadsFields(nested.Clause),
            _ => true,
        });
}
