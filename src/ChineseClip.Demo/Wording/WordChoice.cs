using ChineseClip.Demo.Facts;

namespace ChineseClip.Demo.Wording;

internal static class WordChoice
{
    private const double PlainestShare = 0.4;

    /// <summary>The plainest word often, else any of them. Always two draws.</summary>
    public static string PickWord(ref this Prng random, IReadOnlyList<string> words)
    {
        var isPlain = random.Chance(PlainestShare);
        var any = random.Pick(words);
        return isPlain ? words[0] : any;
    }
}
