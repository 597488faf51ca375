using ChineseClip.Abstractions;

namespace ChineseClip.Grains.Gateway;

/// <summary>What a search may ask.</summary>
internal static class SearchRules
{
    public static void Check(SearchQuery query)
    {
        int inputs = (query.Text is null ? 0 : 1) + (query.Image is null ? 0 : 1) + (query.Id is null ? 0 : 1)
            + (query.Vector is null ? 0 : 1);
        if (inputs != 1)
        {
            throw InputRules.Invalid($"The query has {inputs} of text, image, id and vector; must have exactly one.");
        }

        if (query.Text is { } text)
        {
            InputRules.CheckText(text);
        }

        if (query.Id is { } id)
        {
            InputRules.CheckId(id);
        }

        CheckBounds(query.K, query.Ef, query.MinScore, query.Timeout);
    }

    public static void CheckBounds(int k, int? ef, float? minScore, TimeSpan timeout)
    {
        InputRules.CheckRange(k, 1, InputRules.MaxK, "k");
        if (ef is { } candidates)
        {
            InputRules.CheckRange(candidates, k, InputRules.MaxEf, "ef");
        }

        if (minScore is { } score && !(score is >= -1 and <= 1))
        {
            throw InputRules.Invalid(FormattableString.Invariant($"minScore is {score}; must be -1..1."));
        }

        InputRules.CheckTimeout(timeout);
    }
}
