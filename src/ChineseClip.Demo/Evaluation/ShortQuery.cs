using ChineseClip.Demo.Facts;
using ChineseClip.Demo.Wording;

namespace ChineseClip.Demo.Evaluation;

/// <summary>A query as typed into a search box, which knows by their facts which pictures answer it.</summary>
public sealed record ShortQuery(string Text, Setting? Setting, IReadOnlyList<StatedGroup> Groups)
{
    public bool Fits(PictureFacts facts) => new Caption(Text, Setting, Groups, null).IsTrueOf(facts);
}
