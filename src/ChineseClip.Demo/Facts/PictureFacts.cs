namespace ChineseClip.Demo.Facts;

/// <summary>Everything that is true of one drawn picture; seed and index also fix its layout, its art and its wording.</summary>
/// <param name="Seed">Seed of the source.</param>
/// <param name="Index">Number of the picture within the source, from 0.</param>
/// <param name="Setting">Where it plays.</param>
/// <param name="Groups">One or two groups of things, of different kinds.</param>
/// <param name="Relation">Where group 0 stands, seen from group 1; null when there is one group.</param>
public sealed record PictureFacts(
    ulong Seed, int Index, Setting Setting, IReadOnlyList<ThingGroup> Groups, Relation? Relation)
{
    /// <summary>Whether some kind-colour-setting of this picture is kept out of all training pictures.</summary>
    public bool HasUnseenComposition => Groups.Any(group => Composition.IsUnseen(group.Kind, group.Color, Setting));
}
