using ChineseClip.Demo.Facts;

namespace ChineseClip.Demo.Wording;

/// <summary>Captions that state a few facts, as people type them into a search box.</summary>
internal static class ShortCaption
{
    private const double PairShare = 0.5;

    public static Caption Write(PictureFacts facts, ref Prng random)
    {
        var flip = random.Chance(0.5);
        var isPair = random.Chance(PairShare) && facts.Groups.Count == 2;
        var template = random.Below(24 * 7);
        var settingWord = random.PickWord(SettingWords.Of(facts.Setting));
        var first = facts.Groups[flip ? facts.Groups.Count - 1 : 0];
        var relation = flip ? facts.Relation?.Inverse() : facts.Relation;
        var where = random.PickWord(RelationWords.Of(relation ?? default));
        var a = new GroupPhrase(first, ref random);
        if (!isPair)
        {
            var (text, saysSetting) = Single(a, settingWord, template % 24, first.Size);
            return new(text, saysSetting ? facts.Setting : null, [a.Stated], null);
        }

        var b = new GroupPhrase(facts.Groups[flip ? 0 : 1], ref random);
        var pair = Pair(a, b, where, template % 7);
        var saysRelation = template % 7 >= 3;
        return new(pair, null, [a.Stated, b.Stated], saysRelation ? relation : null);
    }

    private static (string Text, bool SaysSetting) Single(GroupPhrase a, string setting, int template, ThingSize size) =>
        template switch
        {
            <= 5 => (a.Colored(), false),
            <= 8 => ($"{setting}的{a.Name()}", true),
            <= 11 => ($"{a.Counted()}{a.Name()}", false),
            <= 14 => (a.Name(), false),
            <= 16 => ($"{a.Counted()}{a.Colored()}", false),
            17 => ($"{setting}的{a.Colored()}", true),
            18 => ($"{setting}，{a.Name()}", true),
            19 => ($"{a.Name()}，{a.Color()}", false),
            20 => ($"{setting}有{a.Counted()}{a.Name()}", true),
            21 => (size == ThingSize.None ? a.Colored() : a.SizedName(), false),
            22 => (setting, true),
            _ => ($"{a.Color()}东西", false),
        };

    private static string Pair(GroupPhrase a, GroupPhrase b, string where, int template) => template switch
    {
        0 => $"{a.Name()}和{b.Name()}",
        1 => $"{a.Colored()}和{b.Colored()}",
        2 => $"{a.Colored()}与{b.Colored()}",
        3 => $"{a.Name()}在{b.Name()}的{where}",
        4 => $"{a.Name()}在{b.Name()}{where}",
        5 => $"{b.Name()}{where}的{a.Name()}",
        _ => $"{a.Colored()}在{b.Colored()}的{where}",
    };
}
