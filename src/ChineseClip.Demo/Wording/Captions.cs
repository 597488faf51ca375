using ChineseClip.Demo.Facts;

namespace ChineseClip.Demo.Wording;

/// <summary>The captions of a picture: any number of variants, each always the same for the same picture.</summary>
public static class Captions
{
    /// <summary>Wordings tried for a short caption that names the altered fact before giving up.</summary>
    private const int MaxShortWordings = 40;

    /// <summary>The plainest caption, to be read by people: 海边，两只红色的蝴蝶在一朵黄色的花的左边.</summary>
    public static string Plain(PictureFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        var groups = facts.Groups.Select(GroupPhrase.Plain).ToArray();
        var things = facts.Relation is { } relation
            ? $"{groups[0]}在{groups[1]}的{RelationWords.Of(relation)[0]}"
            : groups[0];
        return $"{SettingWords.Of(facts.Setting)[0]}，{things}";
    }

    /// <summary>A caption that states everything. Variant 0 is the one that recall is measured with.</summary>
    public static Caption Long(PictureFacts facts, int variant)
    {
        ArgumentNullException.ThrowIfNull(facts);
        var random = new Prng(facts.Seed, PrngStream.LongCaption + variant, facts.Index);
        return LongCaption.Write(facts, ref random);
    }

    /// <summary>A caption that states a few facts.</summary>
    public static Caption Short(PictureFacts facts, int variant)
    {
        ArgumentNullException.ThrowIfNull(facts);
        var random = new Prng(facts.Seed, PrngStream.ShortCaption + variant, facts.Index);
        return ShortCaption.Write(facts, ref random);
    }

    /// <summary>One long and one short caption, each false of the picture in exactly the given fact; none where it cannot be altered.</summary>
    public static IReadOnlyList<Caption> Negatives(PictureFacts facts, FactField field)
    {
        if (FactAlteration.Alter(facts, field, 0) is not { } altered)
        {
            return [];
        }

        var wrong = new List<Caption> { Long(altered, 0) };
        var alteredAgain = FactAlteration.Alter(facts, field, 1)!;
        for (var variant = 0; variant < MaxShortWordings; variant++)
        {
            var caption = Short(alteredAgain, variant);
            if (!caption.IsTrueOf(facts))
            {
                wrong.Add(caption);
                break;
            }
        }

        return wrong;
    }
}
