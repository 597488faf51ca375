using ChineseClip.Demo.Facts;

namespace ChineseClip.Demo.Wording;

/// <summary>Captions that state every fact: setting, counts, colours, kinds, relation, and often the size. About 35 % name the kind first.</summary>
internal static class LongCaption
{
    private const double KindFirstShare = 0.35;

    public static Caption Write(PictureFacts facts, ref Prng random)
    {
        var flip = random.Chance(0.5);
        var isKindFirst = random.Chance(KindFirstShare);
        var template = random.Below(60);
        var setting = random.PickWord(SettingWords.Of(facts.Setting));
        if (facts.Groups is not [var first, var second])
        {
            var phrase = new GroupPhrase(facts.Groups[0], ref random);
            var one = isKindFirst ? KindFirst(phrase, setting, template % 5) : SettingFirst(phrase, setting, template % 6);
            return new(one, facts.Setting, [phrase.Stated], null);
        }

        var relation = flip ? facts.Relation!.Value.Inverse() : facts.Relation!.Value;
        var where = random.PickWord(RelationWords.Of(relation));
        var opposite = RelationWords.Of(relation.Inverse())[0];
        var a = new GroupPhrase(flip ? second : first, ref random);
        var b = new GroupPhrase(flip ? first : second, ref random);
        var text = isKindFirst
            ? PairKindFirst(a, b, setting, where, template % 4)
            : Pair(a, b, setting, where, opposite, template % 6);
        return new(text, facts.Setting, [a.Stated, b.Stated], relation);
    }

    private static string SettingFirst(GroupPhrase a, string setting, int template) => template switch
    {
        0 => $"{setting}，{a.Full()}",
        1 => $"{setting}有{a.Full()}",
        2 => $"{a.Full()}，{setting}",
        3 => $"画里是{setting}的{a.Full()}",
        4 => $"{setting}能看到{a.Full()}",
        _ => $"{setting}的{a.Full()}",
    };

    private static string KindFirst(GroupPhrase a, string setting, int template)
    {
        var size = a.SaysSize ? "，" + a.Size() : "";
        return template switch
        {
            0 => $"{a.Name()}，{a.Counted()}，{a.Color()}{size}，{setting}",
            1 => $"{a.Name()}{a.Counted()}，{a.Color()}{size}，{setting}",
            2 => $"{a.Name()}，{a.Color()}{size}，{setting}，{a.Counted()}",
            3 => $"{a.Name()}是{a.Color()}{size}，有{a.Counted()}，{setting}",
            _ => $"{a.SizedName()}，{setting}，有{a.Counted()}，{a.Color()}",
        };
    }

    private static string Pair(
        GroupPhrase a, GroupPhrase b, string setting, string where, string opposite, int template) => template switch
        {
            0 => $"{setting}，{a.Full()}在{b.Full()}的{where}",
            1 => $"{setting}，{b.Full()}的{where}有{a.Full()}",
            2 => $"{setting}，{b.Full()}的{where}是{a.Full()}",
            3 => $"{a.Full()}在{b.Full()}{where}，{setting}",
            4 => $"{setting}有{a.Full()}和{b.Full()}，{a.Name()}在{where}",
            _ => $"{setting}，{where}是{a.Full()}，{opposite}是{b.Full()}",
        };

    private static string PairKindFirst(
        GroupPhrase a, GroupPhrase b, string setting, string where, int template) => template switch
        {
            0 => $"{a.Name()}在{b.Name()}的{where}，{a.Full()}，{b.Full()}，{setting}",
            1 => $"{a.Name()}和{b.Name()}，{a.Full()}在{b.Full()}的{where}，{setting}",
            2 => $"{a.Name()}，{a.Counted()}，{a.Color()}，在{b.Full()}的{where}，{setting}",
            _ => $"{a.Name()}{a.Counted()}，{a.Color()}，{b.Name()}{b.Counted()}，{b.Color()}，{a.Name()}在{where}，{setting}",
        };
}
