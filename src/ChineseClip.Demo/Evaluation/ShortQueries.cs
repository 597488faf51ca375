using ChineseClip.Demo.Facts;
using ChineseClip.Demo.Wording;

namespace ChineseClip.Demo.Evaluation;

/// <summary>A seeded mix of distinct short queries: half colour and kind, then setting and kind, count and kind, kind alone.</summary>
public static class ShortQueries
{
    private const double ColorShare = 0.5;
    private const double SettingShare = 0.2;
    private const double CountShare = 0.15;
    private const int MaxTriesPerQuery = 100;

    /// <summary>Queries each of which at least one of the pictures answers.</summary>
    /// <exception cref="ArgumentException">The pictures are too few for so many distinct queries.</exception>
    public static IReadOnlyList<ShortQuery> For(IReadOnlyList<PictureFacts> pictures, int count, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        ArgumentOutOfRangeException.ThrowIfZero(pictures.Count, nameof(pictures));
        var queries = new List<ShortQuery>(count);
        var texts = new HashSet<string>();
        var random = new Prng(seed, PrngStream.ShortQuery, 0);
        for (var tries = 0; queries.Count < count; tries++)
        {
            if (tries == count * MaxTriesPerQuery)
            {
                throw new ArgumentException(
                    $"{pictures.Count} pictures gave {queries.Count} distinct short queries; {count} were asked for.", nameof(pictures));
            }

            var facts = random.Pick(pictures);
            var query = About(facts, random.Pick(facts.Groups), ref random);
            if (texts.Add(query.Text))
            {
                queries.Add(query);
            }
        }

        return queries;
    }

    private static ShortQuery About(PictureFacts facts, ThingGroup group, ref Prng random)
    {
        var form = random.Unit();
        var words = KindWords.Of(group.Kind);
        var name = random.PickWord(words.Names);
        if (form < ColorShare)
        {
            var color = random.PickWord(ColorWords.Of(group.Color).Names);
            return new($"{color}的{name}", null, [new(group.Kind, group.Color, null, null)]);
        }

        if (form < ColorShare + SettingShare)
        {
            var setting = random.PickWord(SettingWords.Of(facts.Setting));
            return new($"{setting}的{name}", facts.Setting, [new(group.Kind, null, null, null)]);
        }

        if (form < ColorShare + SettingShare + CountShare)
        {
            var number = "一两三四"[group.Count - 1];
            return new($"{number}{words.Measures[0]}{name}", null, [new(group.Kind, null, group.Count, null)]);
        }

        return new(name, null, [new(group.Kind, null, null, null)]);
    }
}
