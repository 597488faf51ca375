using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ChineseClip.Model.Evaluation;

/// <summary>Reads and writes the JSON Lines files of OFA-Sys' retrieval evaluation.</summary>
/// <remarks>Source: OFA-Sys/Chinese-CLIP, cn_clip/eval. Every failure is an <see cref="InvalidDataException"/> that names file and line.</remarks>
public static class RetrievalFiles
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Right answers: <c>{"text_id":…,"image_ids":[…]}</c>, or <c>{"image_id":…,"text_ids":[…]}</c>.</summary>
    /// <remarks>Of a query that occurs twice the last line holds, as in the reference.</remarks>
    public static IReadOnlyDictionary<long, IReadOnlyList<long>> ReadAnnotations(string path, RetrievalDirection direction)
    {
        (string query, string answers) = Names(direction);
        var annotations = new Dictionary<long, IReadOnlyList<long>>();
        foreach ((string place, JsonElement line) in JsonLineReader.Read(path))
        {
            annotations[JsonLineReader.Id(line, query, place)] = Ids(line, answers, place);
        }

        return annotations;
    }

    /// <summary>Predictions, in the form of the annotations; each query must have ten different ones.</summary>
    public static IReadOnlyDictionary<long, IReadOnlyList<long>> ReadPredictions(string path, RetrievalDirection direction)
    {
        (string query, string answers) = Names(direction);
        var predictions = new Dictionary<long, IReadOnlyList<long>>();
        foreach ((string place, JsonElement line) in JsonLineReader.Read(path))
        {
            long id = JsonLineReader.Id(line, query, place);
            List<long> ids = Ids(line, answers, place);
            if (ids.Count != RecallScores.Depth || ids.Distinct().Count() != ids.Count)
            {
                throw new InvalidDataException(
                    $"{place}: \"{answers}\" has {ids.Count} ids, {ids.Distinct().Count()} of them different; must have {RecallScores.Depth} different ones.");
            }

            predictions[id] = ids;
        }

        return predictions;
    }

    public static void WritePredictions(
        string path, RetrievalDirection direction, IReadOnlyDictionary<long, IReadOnlyList<long>> predictions)
    {
        ArgumentNullException.ThrowIfNull(predictions);
        (string query, string answers) = Names(direction);
        using StreamWriter writer = Create(path);
        foreach ((long id, IReadOnlyList<long> ranked) in predictions)
        {
            writer.Write(string.Create(CultureInfo.InvariantCulture, $"{{\"{query}\": {id}, \"{answers}\": [{string.Join(", ", ranked)}]}}\n"));
        }
    }

    /// <summary>Features of the queries of <paramref name="direction"/>: <c>{"text_id":…,"feature":[…]}</c> or <c>{"image_id":…,…}</c>.</summary>
    public static FeatureSet<long> ReadFeatures(string path, RetrievalDirection direction)
    {
        string name = Names(direction).Query;
        List<long> ids = [];
        List<float> values = [];
        foreach ((string place, JsonElement line) in JsonLineReader.Read(path))
        {
            ids.Add(JsonLineReader.Id(line, name, place));
            JsonElement feature = JsonLineReader.Array(line, "feature", place);
            int dimension = ids.Count == 1 ? feature.GetArrayLength() : values.Count / (ids.Count - 1);
            if (dimension == 0 || feature.GetArrayLength() != dimension)
            {
                throw new InvalidDataException(
                    $"{place}: \"feature\" has {feature.GetArrayLength()} numbers; must have {(dimension == 0 ? "at least 1" : dimension)}.");
            }

            foreach (JsonElement number in feature.EnumerateArray())
            {
                values.Add(number.ValueKind == JsonValueKind.Number && number.TryGetSingle(out float value) && float.IsFinite(value)
                    ? value
                    : throw new InvalidDataException($"{place}: \"feature\" holds {number.GetRawText()}; must hold finite numbers."));
            }
        }

        return ids.Count > 0
            ? new FeatureSet<long>(ids, [.. values], values.Count / ids.Count)
            : throw new InvalidDataException($"{path}: holds 0 features; must hold at least 1.");
    }

    /// <summary>Writes features in the form that <see cref="ReadFeatures"/> reads, number for number as Python's json does.</summary>
    public static void WriteFeatures(string path, RetrievalDirection direction, FeatureSet<long> features)
    {
        ArgumentNullException.ThrowIfNull(features);
        string name = Names(direction).Query;
        using StreamWriter writer = Create(path);
        for (int row = 0; row < features.Ids.Count; row++)
        {
            string numbers = string.Join(", ", features[row].ToArray().Select(PythonNumber));
            writer.Write(string.Create(CultureInfo.InvariantCulture, $"{{\"{name}\": {features.Ids[row]}, \"feature\": [{numbers}]}}\n"));
        }
    }

    /// <summary>Turns the answers round: for each answer, the queries it is right for, in file order.</summary>
    /// <remarks>Source: OFA-Sys/Chinese-CLIP, cn_clip/eval/transform_ir_annotation_to_tr.py.</remarks>
    public static IReadOnlyDictionary<TId, IReadOnlyList<TId>> Invert<TId>(IReadOnlyDictionary<TId, IReadOnlyList<TId>> annotations)
        where TId : notnull
    {
        ArgumentNullException.ThrowIfNull(annotations);
        var inverted = new Dictionary<TId, IReadOnlyList<TId>>();
        foreach ((TId query, IReadOnlyList<TId> answers) in annotations)
        {
            foreach (TId answer in answers)
            {
                if (inverted.TryGetValue(answer, out IReadOnlyList<TId>? queries))
                {
                    ((List<TId>)queries).Add(query);
                }
                else
                {
                    inverted.Add(answer, new List<TId> { query });
                }
            }
        }

        return inverted;
    }

    /// <summary>The shortest decimal of the number as a double, always with a point or an exponent.</summary>
    private static string PythonNumber(float value)
    {
        string text = ((double)value).ToString("R", CultureInfo.InvariantCulture).Replace('E', 'e');
        return text.AsSpan().IndexOfAny('.', 'e') < 0 ? text + ".0" : text;
    }

    private static (string Query, string Answers) Names(RetrievalDirection direction) => direction switch
    {
        RetrievalDirection.TextToImage => ("text_id", "image_ids"),
        RetrievalDirection.ImageToText => ("image_id", "text_ids"),
        _ => throw new ArgumentOutOfRangeException(nameof(direction), direction, "Must be TextToImage or ImageToText."),
    };

    private static List<long> Ids(JsonElement line, string name, string place)
    {
        List<long> ids = [];
        foreach (JsonElement id in JsonLineReader.Array(line, name, place).EnumerateArray())
        {
            ids.Add(id.ValueKind == JsonValueKind.Number && id.TryGetInt64(out long number)
                ? number
                : throw new InvalidDataException($"{place}: \"{name}\" holds {id.GetRawText()}; must hold whole numbers."));
        }

        return ids;
    }

    private static StreamWriter Create(string path) => new(path, append: false, Utf8);
}
