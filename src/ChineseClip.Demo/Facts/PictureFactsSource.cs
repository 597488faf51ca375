namespace ChineseClip.Demo.Facts;

/// <summary>An endless, random-access row of pictures' facts: picture i of a (seed, split, curriculum) is always the same.</summary>
/// <remarks>
/// Distribution: 65 % one group (half of them a lone thing, 60 % of those large; else 2, 3 or 4 alike), 35 % two groups of different kinds
/// with 1 or 2 things each, nine times in ten of different colours. Threads: safe.
/// </remarks>
public sealed class PictureFactsSource(ulong seed, PictureSplit split, Curriculum curriculum = Curriculum.All)
{
    private const double OneGroupShare = 0.65;
    private const double LargeShare = 0.6;
    private const double SameColorShare = 0.1;
    private const int UnseenPeriod = 10;

    private static readonly int Kinds = Enum.GetValues<ThingKind>().Length;
    private static readonly int Colors = Enum.GetValues<ThingColor>().Length;
    private static readonly int Settings = Enum.GetValues<Setting>().Length;

    public ulong Seed => seed;

    public PictureFacts this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            var random = new Prng(seed, PrngStream.Facts, index);
            return split == PictureSplit.HeldOut && index % UnseenPeriod == UnseenPeriod - 1
                ? Unseen(index, ref random)
                : Seen(index, ref random);
        }
    }

    public IEnumerable<PictureFacts> Take(int count) => Enumerable.Range(0, count).Select(index => this[index]);

    private PictureFacts Seen(int index, ref Prng random)
    {
        while (true)
        {
            var facts = Draw(index, ref random);
            if (!facts.HasUnseenComposition)
            {
                return facts;
            }
        }
    }

    private PictureFacts Unseen(int index, ref Prng random)
    {
        while (true)
        {
            var facts = Draw(index, ref random);
            var (kind, color, setting) = random.Pick(Composition.Unseen);
            var groups = facts.Groups.ToArray();
            var chosen = random.Below(groups.Length);
            groups[chosen] = groups[chosen] with { Kind = kind, Color = color };
            if (groups.DistinctBy(group => group.Kind).Count() == groups.Length)
            {
                return facts with { Setting = setting, Groups = groups };
            }
        }
    }

    private PictureFacts Draw(int index, ref Prng random)
    {
        var setting = (Setting)random.Below(Settings);
        var kind = (ThingKind)random.Below(Kinds);
        var color = (ThingColor)random.Below(Colors);
        if (curriculum == Curriculum.Single)
        {
            return new(seed, index, setting, [new(kind, color, 1, ThingSize.Large)], null);
        }

        if (random.Chance(OneGroupShare))
        {
            var count = random.Chance(0.5) ? 1 : 2 + random.Below(3);
            var isLarge = random.Chance(LargeShare);
            var size = count > 1 ? ThingSize.None : isLarge ? ThingSize.Large : ThingSize.Small;
            return new(seed, index, setting, [new(kind, color, count, size)], null);
        }

        var otherKind = (ThingKind)(((int)kind + 1 + random.Below(Kinds - 1)) % Kinds);
        var otherColor = (ThingColor)(((int)color + 1 + random.Below(Colors - 1)) % Colors);
        otherColor = random.Chance(SameColorShare) ? color : otherColor;
        var first = new ThingGroup(kind, color, random.Chance(0.62) ? 1 : 2, ThingSize.None);
        var second = new ThingGroup(otherKind, otherColor, random.Chance(0.62) ? 1 : 2, ThingSize.None);
        return new(seed, index, setting, [first, second], (Relation)random.Below(4));
    }
}
