namespace ChineseClip.Demo.Facts;

public static class Relations
{
    /// <summary>The same arrangement told from the other group.</summary>
    public static Relation Inverse(this Relation relation) => relation switch
    {
        Relation.Left => Relation.Right,
        Relation.Right => Relation.Left,
        Relation.Above => Relation.Below,
        Relation.Below => Relation.Above,
        _ => throw new ArgumentOutOfRangeException(nameof(relation), relation, "Unknown relation."),
    };

    public static bool IsSideBySide(this Relation relation) => relation is Relation.Left or Relation.Right;
}
