using System.Globalization;
using System.Text.Json;
using ChineseClip.Contracts;
using Spectre.Console;

namespace ChineseClip.Cli.Output;

/// <summary>Search hits for reading.</summary>
internal static class HitTable
{
    /// <summary>A payload field shown in place of the whole payload.</summary>
    private const string CaptionField = "caption";

    /// <summary>The longest payload shown, in characters.</summary>
    private const int MaxPayloadLength = 80;

    public static Table Of(IReadOnlyList<SearchHit> hits)
    {
        Table table = Report.Table("#", "score", "id", "what");
        for (int i = 0; i < hits.Count; i++)
        {
            table.Row(
                (i + 1).ToString(CultureInfo.InvariantCulture),
                hits[i].Score.ToString("0.0000", CultureInfo.InvariantCulture),
                hits[i].Id,
                Caption(hits[i]));
        }

        return table;
    }

    public static string Caption(SearchHit hit)
    {
        if (hit.Payload is not { } payload)
        {
            return string.Empty;
        }

        if (payload.ValueKind == JsonValueKind.Object && payload.TryGetProperty(CaptionField, out JsonElement caption))
        {
            return caption.ToString();
        }

        string text = JsonText.Of(payload);
        return text.Length <= MaxPayloadLength ? text : string.Concat(text.AsSpan(0, MaxPayloadLength), "…");
    }
}
