using ChineseClip.Demo.Facts;

namespace ChineseClip.Demo.Wording;

/// <summary>Words for a relation, the plainest first.</summary>
public static class RelationWords
{
    private static readonly string[][] All =
    [
        ["左边", "左侧", "左面", "左方"],
        ["右边", "右侧", "右面", "右方"],
        ["上面", "上方", "上边"],
        ["下面", "下方", "下边"],
    ];

    public static IReadOnlyList<string> Of(Relation relation) => All[(int)relation];
}
