using ChineseClip.Abstractions;
using ChineseClip.Vectors;

namespace ChineseClip.Grains.Shards.Fields;

/// <summary>A filter made ready. It finds the slots of the items that pass: columns answer for fields, the entries for ids.</summary>
/// <remarks>Threads: safe; what it reads must not change meanwhile.</remarks>
internal sealed class FilterPlan
{
    /// <summary>With so few ids to look at, their payloads are parsed and no column is made.</summary>
    private const int FewIds = 256;

    private readonly FilterClause _clause;

    public FilterPlan(FilterClause clause)
    {
        _clause = clause;
        bool isFew = clause.Must.OfType<IdIn>().Any(ids => ids.Ids.Length <= FewIds);
        Fields = isFew ? [] : [.. FieldsOf(clause).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>The fields that should have a column.</summary>
    public IReadOnlyList<string> Fields { get; }

    public OrdinalSet Evaluate(EntryTable entries, FieldColumns columns, CancellationToken cancellationToken)
    {
        OrdinalSet all = new(entries.SlotCount);
        all.UnionWith(entries.Live);
        return new Evaluation(entries, columns, cancellationToken).Clause(_clause, all);
    }

    private static IEnumerable<string> FieldsOf(FilterClause clause) =>
        clause.Must.Concat(clause.Should).Concat(clause.MustNot).SelectMany(condition => condition switch
        {
            NestedClause nested => FieldsOf(nested.Clause),
            FieldIn field => [field.Field],
            FieldRange range => [range.Field],
            FieldExists exists => [exists.Field],
            _ => Enumerable.Empty<string>(),
        });

    private sealed class Evaluation(EntryTable entries, FieldColumns columns, CancellationToken cancellationToken)
    {
        /// <summary>Those of <paramref name="within"/> that pass; it is used up.</summary>
        public OrdinalSet Clause(FilterClause clause, OrdinalSet within)
        {
            // Ids first: what comes after has less to look at.
            foreach (FilterCondition condition in clause.Must.OrderBy(condition => condition is IdIn ? 0 : 1))
            {
                within.IntersectWith(Condition(condition, within));
            }

            if (clause.Should.Length > 0)
            {
                OrdinalSet any = new(entries.SlotCount);
                foreach (FilterCondition condition in clause.Should)
                {
                    any.UnionWith(Condition(condition, within));
                }

                within.IntersectWith(any);
            }

            foreach (FilterCondition condition in clause.MustNot)
            {
                within.ExceptWith(Condition(condition, within));
            }

            return within;
        }

        // At least those of "within" that pass, and perhaps others.
        private OrdinalSet Condition(FilterCondition condition, OrdinalSet within)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return condition switch
            {
                IdIn ids => Ids(ids),
                NestedClause nested => Clause(nested.Clause, Copy(within)),
                FieldIn field => Field(field.Field, OneOf(field), within),
                FieldRange range => Field(range.Field, values => Array.Exists(values.Values, value => Fits(range, value)), within),
                FieldExists exists => Field(exists.Field, values => values.Exists == exists.Exists, within),
                _ => throw new ClusterException(
                    ErrorCode.InvalidInput, $"The filter has the unknown condition {condition.GetType().Name}."),
            };
        }

        private OrdinalSet Ids(IdIn condition) => new(condition.Ids
            .Select(entries.Find)
            .OfType<ShardEntry>()
            .Select(entry => entry.Slot));

        private OrdinalSet Field(string field, Func<FieldValues, bool> passes, OrdinalSet within)
        {
            if (columns.Find(field) is { } column)
            {
                return column.Matching(passes, entries.SlotCount);
            }

            string[] path = PayloadFields.Path(field);
            OrdinalSet matching = new(entries.SlotCount);
            for (int slot = within.NextAtLeast(0); slot >= 0; slot = within.NextAtLeast(slot + 1))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (passes(PayloadFields.Read(entries.AtSlot(slot)!.Payload, path)))
                {
                    matching.Add(slot);
                }
            }

            return matching;
        }

        private static Func<FieldValues, bool> OneOf(FieldIn condition)
        {
            HashSet<FilterValue> wanted = [.. condition.Values];
            return values => Array.Exists(values.Values, wanted.Contains);
        }

        private static bool Fits(FieldRange range, FilterValue value) =>
            value.Kind == FilterValueKind.Number
            && !(value.Number <= range.GreaterThan) && !(value.Number < range.AtLeast)
            && !(value.Number >= range.LessThan) && !(value.Number > range.AtMost);

        private static OrdinalSet Copy(OrdinalSet set)
        {
            OrdinalSet copy = new();
            copy.UnionWith(set);
            return copy;
        }
    }
}
