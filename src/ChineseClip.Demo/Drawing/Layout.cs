using ChineseClip.Demo.Facts;

namespace ChineseClip.Demo.Drawing;

/// <summary>Places things large and on a coarse grid with little jitter, so that a small vision tower with 16-pixel patches can learn them.</summary>
/// <remarks>
/// In a 64-pixel view: a large lone thing is 38-43 px, a small one 25-29 px, one of several 26-28 px. One group of several fills cells of
/// a 2×2 grid; of two groups each has a half of its own, and stands level with the other so that only one relation holds.
/// </remarks>
internal static class Layout
{
    private const float Middle = 128;
    private const float Step = 60;
    private const float Jitter = 4;
    private const float MaxDegrees = 7;
    private static readonly float[] Thirds = [-1, 0, 1];

    private static readonly (float X, float Y)[] Corners = [(-1, -1), (1, -1), (1, 1), (-1, 1)];

    private static readonly (float X, float Y)[][] Twos =
    [
        [(-1, 0), (1, 0)],
        [(-1, -1), (1, -1)],
        [(-1, 1), (1, 1)],
        [(0, -1), (0, 1)],
        [(-1, -1), (1, 1)],
        [(1, -1), (-1, 1)],
    ];

    private static readonly (float X, float Y)[][] Threes =
    [
        [(-1, -1), (1, -1), (0, 1)],
        [(0, -1), (-1, 1), (1, 1)],
        [(-1, -1), (1, -1), (1, 1)],
        [(-1, -1), (1, -1), (-1, 1)],
        [(1, -1), (-1, 1), (1, 1)],
        [(-1, -1), (-1, 1), (1, 1)],
    ];

    public static IReadOnlyList<Placement> Place(PictureFacts facts)
    {
        var random = new Prng(facts.Seed, PrngStream.Layout, facts.Index);
        var places = new List<Placement>(4);
        if (facts.Groups.Count == 1)
        {
            PlaceOneGroup(facts.Groups[0], places, ref random);
        }
        else
        {
            PlaceTwoGroups(facts, places, ref random);
        }

        return places;
    }

    private static void PlaceOneGroup(ThingGroup group, List<Placement> places, ref Prng random)
    {
        if (group.Count == 1)
        {
            var isLarge = group.Size == ThingSize.Large;
            var reach = isLarge ? 26f : Step;
            var half = isLarge ? random.Between(76, 86) : random.Between(50, 57);
            places.Add(At(0, reach * random.Pick(Thirds), reach * random.Pick(Thirds), half, ref random));
            return;
        }

        var cells = group.Count switch
        {
            2 => random.Pick(Twos),
            3 => random.Pick(Threes),
            _ => Corners,
        };
        var size = random.Between(52, 56);
        foreach (var (x, y) in cells)
        {
            places.Add(At(0, Step * x, Step * y, size, ref random));
        }
    }

    private static void PlaceTwoGroups(PictureFacts facts, List<Placement> places, ref Prng random)
    {
        var relation = facts.Relation!.Value;
        var size = random.Between(52, 56);
        var sign = relation is Relation.Left or Relation.Above ? -1 : 1;
        var areBothLone = facts.Groups.All(group => group.Count == 1);
        var level = random.Pick(Thirds) * (areBothLone ? 40 : 0);
        for (var group = 0; group < 2; group++)
        {
            var along = Step * (group == 0 ? sign : -sign);
            for (var i = 0; i < facts.Groups[group].Count; i++)
            {
                var across = facts.Groups[group].Count == 1 ? level : Step * ((2 * i) - 1);
                places.Add(relation.IsSideBySide()
                    ? At(group, along, across, size, ref random)
                    : At(group, across, along, size, ref random));
            }
        }
    }

    private static Placement At(int group, float x, float y, float half, ref Prng random) => new(
        group,
        Middle + x + random.Between(-Jitter, Jitter),
        Middle + y + random.Between(-Jitter, Jitter),
        half,
        random.Between(-MaxDegrees, MaxDegrees),
        random.Chance(0.5));
}
