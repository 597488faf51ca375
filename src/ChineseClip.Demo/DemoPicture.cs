using System.Text.Json.Nodes;
using ChineseClip.Demo.Drawing;
using ChineseClip.Demo.Facts;
using ChineseClip.Demo.Wording;

namespace ChineseClip.Demo;

/// <summary>One picture as the demo stores it.</summary>
public sealed record DemoPicture(PictureFacts Facts)
{
    /// <summary>Key of the item, such as `p00042`.</summary>
    public string Id => $"p{Facts.Index:D5}";

    public string FileName => Id + Illustrator.FileExtension;

    /// <summary>The facts in words, for filters and facets, and a caption to show.</summary>
    public JsonObject Payload()
    {
        var payload = new JsonObject
        {
            ["caption"] = Captions.Plain(Facts),
            ["setting"] = SettingWords.Of(Facts.Setting)[0],
            ["kind"] = Words(group => KindWords.Of(group.Kind).Names[0]),
            ["color"] = Words(group => ColorWords.Of(group.Color).Names[0]),
            ["count"] = Facts.Groups.Sum(group => group.Count),
            ["file"] = FileName,
        };
        if (Facts.Relation is { } relation)
        {
            payload["relation"] = RelationWords.Of(relation)[0];
        }

        if (Facts.Groups is [{ Size: not ThingSize.None } lone])
        {
            payload["size"] = lone.Size == ThingSize.Large ? "大" : "小";
        }

        return payload;
    }

    private JsonArray Words(Func<ThingGroup, string> word) => [.. Facts.Groups.Select(group => JsonValue.Create(word(group)))];
}
