using System.Text.Encodings.Web;
using System.Text.Json;
using ChineseClip.Demo.Drawing;
using ChineseClip.Demo.Facts;
using ChineseClip.Demo.Wording;

namespace ChineseClip.Demo.Export;

/// <summary>One line of a shard's metadata, and the catalogue beside the shards.</summary>
internal static class PictureJson
{
    private const int CaptionCount = 4;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void WriteLine(Stream stream, PictureFacts facts)
    {
        using (var json = new Utf8JsonWriter(stream, Options))
        {
            Write(json, facts);
        }

        stream.WriteByte((byte)'\n');
    }

    public static void WriteCatalog(Stream stream)
    {
        using var json = new Utf8JsonWriter(stream, Options);
        json.WriteStartObject();
        Names<ThingKind>(json, "kinds");
        Names<ThingColor>(json, "colors");
        Names<Setting>(json, "settings");
        Names<Relation>(json, "relations");
        Names<ThingSize>(json, "sizes");
        json.WriteStartObject("words");
        Words<ThingKind>(json, "kinds", kind => [.. KindWords.Of(kind).Names, .. KindWords.Of(kind).SmallNames]);
        Words<ThingColor>(json, "colors", color => [ColorWords.Of(color).Short, .. ColorWords.Of(color).Names]);
        Words<Setting>(json, "settings", SettingWords.Of);
        Words<Relation>(json, "relations", RelationWords.Of);
        Words<ThingKind>(json, "measures", kind => KindWords.Of(kind).Measures);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, PictureFacts facts)
    {
        json.WriteStartObject();
        json.WriteNumber("i", facts.Index);
        json.WriteNumber("setting", (int)facts.Setting);
        json.WriteStartArray("groups");
        foreach (var group in facts.Groups)
        {
            Group(json, new((ThingKind?)group.Kind, group.Color, group.Count, group.Size));
        }

        json.WriteEndArray();
        Number(json, "relation", (int?)facts.Relation);
        json.WriteBoolean("unseen", facts.HasUnseenComposition);
        var cells = CellLabels.Of(facts);
        Numbers(json, "cells", cells.Select(group => group < 0 ? -1 : (int)facts.Groups[group].Kind));
        Numbers(json, "cellColors", cells.Select(group => group < 0 ? -1 : (int)facts.Groups[group].Color));
        WriteCaptions(json, "long", [.. Enumerable.Range(0, CaptionCount).Select(i => Captions.Long(facts, i))]);
        WriteCaptions(json, "short", [.. Enumerable.Range(0, CaptionCount).Select(i => Captions.Short(facts, i))]);
        json.WriteStartObject("negatives");
        foreach (var field in Enum.GetValues<FactField>())
        {
            json.WriteStartArray(JsonNamingPolicy.CamelCase.ConvertName(field.ToString()));
            foreach (var caption in Captions.Negatives(facts, field))
            {
                json.WriteStringValue(caption.Text);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteCaptions(Utf8JsonWriter json, string name, Caption[] captions)
    {
        json.WriteStartArray(name);
        foreach (var caption in captions)
        {
            json.WriteStringValue(caption.Text);
        }

        json.WriteEndArray();
        json.WriteStartArray(name + "Facts");
        foreach (var caption in captions)
        {
            json.WriteStartObject();
            Number(json, "setting", (int?)caption.Setting);
            json.WriteStartArray("groups");
            foreach (var group in caption.Groups)
            {
                Group(json, group);
            }

            json.WriteEndArray();
            Number(json, "relation", (int?)caption.Relation);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Group(Utf8JsonWriter json, StatedGroup group)
    {
        json.WriteStartObject();
        Number(json, "kind", (int?)group.Kind);
        Number(json, "color", (int?)group.Color);
        Number(json, "count", group.Count);
        Number(json, "size", (int?)group.Size);
        json.WriteEndObject();
    }

    private static void Number(Utf8JsonWriter json, string name, int? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static void Numbers(Utf8JsonWriter json, string name, IEnumerable<int> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteNumberValue(value);
        }

        json.WriteEndArray();
    }

    private static void Names<T>(Utf8JsonWriter json, string name)
        where T : struct, Enum
    {
        json.WriteStartArray(name);
        foreach (var value in Enum.GetNames<T>())
        {
            json.WriteStringValue(JsonNamingPolicy.CamelCase.ConvertName(value));
        }

        json.WriteEndArray();
    }

    private static void Words<T>(Utf8JsonWriter json, string name, Func<T, IReadOnlyList<string>> wordsOf)
        where T : struct, Enum
    {
        json.WriteStartArray(name);
        foreach (var value in Enum.GetValues<T>())
        {
            json.WriteStartArray();
            foreach (var word in wordsOf(value))
            {
                json.WriteStringValue(word);
            }

            json.WriteEndArray();
        }

        json.WriteEndArray();
    }
}
