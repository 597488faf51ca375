namespace ChineseClip.Demo.Facts;

/// <summary>Changes exactly one fact, so that a caption written for the result is false of the picture in that fact alone.</summary>
public static class FactAlteration
{
    /// <param name="facts">The true facts.</param>
    /// <param name="field">The fact to change.</param>
    /// <param name="variant">Which of many possible changes, from 0.</param>
    /// <returns>The altered facts, with seed and index kept so that they are worded alike; null where the fact cannot be altered.</returns>
    public static PictureFacts? Alter(PictureFacts facts, FactField field, int variant)
    {
        ArgumentNullException.ThrowIfNull(facts);
        var random = new Prng(facts.Seed, PrngStream.Alteration + ((int)field * 100) + variant, facts.Index);
        var chosen = random.Below(facts.Groups.Count);
        var group = facts.Groups[chosen];
        return field switch
        {
            FactField.Kind => Replace(facts, chosen, group with { Kind = OtherKind(facts, ref random) }),
            FactField.Color => Replace(facts, chosen, group with { Color = Other(group.Color, ref random) }),
            FactField.Count => Replace(facts, chosen, group with { Count = 1 + ((group.Count + random.Below(3)) % 4) }),
            FactField.Relation => facts.Relation is { } relation ? facts with { Relation = relation.Inverse() } : null,
            FactField.Swap => SwapColors(facts),
            FactField.Setting => facts with { Setting = Other(facts.Setting, ref random) },
            _ => throw new ArgumentOutOfRangeException(nameof(field), field, "Unknown fact."),
        };
    }

    private static PictureFacts Replace(PictureFacts facts, int chosen, ThingGroup group)
    {
        var groups = facts.Groups.ToArray();
        groups[chosen] = group;
        return facts with { Groups = groups };
    }

    private static PictureFacts? SwapColors(PictureFacts facts)
    {
        if (facts.Groups is not [var first, var second] || first.Color == second.Color)
        {
            return null;
        }

        return facts with { Groups = [first with { Color = second.Color }, second with { Color = first.Color }] };
    }

    private static ThingKind OtherKind(PictureFacts facts, ref Prng random)
    {
        while (true)
        {
            var kind = Other(facts.Groups[0].Kind, ref random);
            if (facts.Groups.All(group => group.Kind != kind))
            {
                return kind;
            }
        }
    }

    private static T Other<T>(T value, ref Prng random)
        where T : struct, Enum
    {
        var all = EnumValues<T>.All;
        return all[(Array.IndexOf(all, value) + 1 + random.Below(all.Length - 1)) % all.Length];
    }

    private static class EnumValues<T>
        where T : struct, Enum
    {
        public static readonly T[] All = Enum.GetValues<T>();
    }
}
