using ChineseClip.Demo.Facts;

namespace ChineseClip.Demo.Wording;

/// <summary>A caption and the facts that it states.</summary>
/// <param name="Text">Chinese.</param>
/// <param name="Setting">The setting, where it is named.</param>
/// <param name="Groups">The groups in the caption's own order.</param>
/// <param name="Relation">Where the caption's group 0 stands, seen from its group 1.</param>
public sealed record Caption(string Text, Setting? Setting, IReadOnlyList<StatedGroup> Groups, Relation? Relation)
{
    /// <summary>Whether everything that the caption states holds in the picture.</summary>
    public bool IsTrueOf(PictureFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        if (Setting is { } setting && setting != facts.Setting)
        {
            return false;
        }

        return Groups.Count switch
        {
            0 => true,
            1 => facts.Groups.Any(Groups[0].Fits),
            2 => facts.Groups is [var first, var second]
                && (Holds(first, second, facts.Relation!.Value) || Holds(second, first, facts.Relation!.Value.Inverse())),
            _ => throw new InvalidOperationException($"The caption {Text} states {Groups.Count} groups; at most 2 are known."),
        };
    }

    private bool Holds(ThingGroup first, ThingGroup second, Relation relation) =>
        Groups[0].Fits(first) && Groups[1].Fits(second) && (Relation is null || Relation == relation);
}
