using System.Globalization;
using System.Text;
using System.Text.Json;
using ChineseClip.Cli.Output;
using ChineseClip.Client;
using ChineseClip.Contracts;

namespace ChineseClip.Cli.Indexing;

/// <summary>Items as JSON Lines: <c>{"id", "image"|"text"|"vector", "payload"}</c>.</summary>
/// <remarks>An image is a file, relative to the JSON Lines file, or the encoded picture in base64, also as a <c>data:</c> address.</remarks>
internal sealed class JsonLinesSource(string path) : IndexSource
{
    /// <summary>JSON text of one number of a vector, in bytes, about.</summary>
    private const int NumberBytes = 12;

    private static readonly string[] Contents = ["image", "text", "vector"];

    private readonly string _folder = Path.GetDirectoryName(Path.GetFullPath(path))!;

    public override string Noun => "items";

    public override int Count { get; } = CountLines(path);

    public override IEnumerable<IndexEntry> Entries()
    {
        int number = 0;
        foreach (string line in File.ReadLines(path))
        {
            number++;
            if (!string.IsNullOrWhiteSpace(line))
            {
                yield return Read(line, string.Create(CultureInfo.InvariantCulture, $"{path}, line {number}"));
            }
        }
    }

    private IndexEntry Read(string line, string place)
    {
        string id = string.Empty;
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement root = document.RootElement;
            Require(root.ValueKind == JsonValueKind.Object, $"The line holds a JSON {root.ValueKind}; must be an object.");
            id = IdOf(root);
            string[] given = [.. Contents.Where(name => root.TryGetProperty(name, out _))];
            Require(given.Length == 1, $"The line has {given.Length} of \"image\", \"text\" and \"vector\"; must have exactly one.");
            JsonElement? payload = root.TryGetProperty("payload", out JsonElement found) && found.ValueKind != JsonValueKind.Null ? found.Clone() : null;
            return Entry(new PutItem { Id = id, Payload = payload }, root.GetProperty(given[0]), given[0], (line, place));
        }
        catch (JsonException exception)
        {
            return IndexEntry.Wrong(id, place, $"The line is not JSON: {exception.Message}");
        }
        catch (InvalidDataException exception)
        {
            return IndexEntry.Wrong(id, place, exception.Message);
        }
    }

    private IndexEntry Entry(PutItem item, JsonElement content, string kind, (string Text, string Place) line)
    {
        long stamp = StampOf(Encoding.UTF8.GetBytes(line.Text));
        switch (kind)
        {
            case "vector":
                float[] vector = VectorOf(content);
                return Ready(item with { Vector = vector }, vector.Length * NumberBytes);
            case "text":
                string text = TextOf(content, kind);
                return Ready(item with { Text = text }, Encoding.UTF8.GetByteCount(text));
            default:
                string image = TextOf(content, kind);
                FileInfo file = new(Path.Combine(_folder, image));
                return file.Exists
                    ? FromFile(item, file, line.Place, stamp)
                    : Ready(item with { Image = new ImageSource { Base64 = Base64Of(image) } }, image.Length / 4 * 3);
        }

        IndexEntry Ready(PutItem ready, long bytes) => new(item.Id, line.Place, bytes, stamp) { LoadAsync = _ => Task.FromResult(ready) };
    }

    private static IndexEntry FromFile(PutItem item, FileInfo file, string place, long stamp) =>
        new(item.Id, $"{place}: {file.FullName}", file.Length, stamp ^ file.LastWriteTimeUtc.Ticks)
        {
            LoadAsync = async cancellationToken => item with
            {
                Image = await ImageSources.FromFileAsync(file.FullName, cancellationToken),
                Payload = item.Payload ?? JsonText.ToElement(new { File = file.Name, Path = file.FullName }),
            },
        };

    private string Base64Of(string image)
    {
        int comma = image.StartsWith("data:", StringComparison.Ordinal) ? image.IndexOf(',', StringComparison.Ordinal) : -1;
        string? base64 = PictureText.ToStandard(image[(comma + 1)..]);
        return base64 is not null && PictureText.BeginsAsPicture(base64)
            ? base64
            : throw new InvalidDataException(
                $"\"image\" is '{(image.Length <= 64 ? image : image[..64] + "…")}', which is neither a file in {_folder} nor a picture in base64.");
    }

    private static string IdOf(JsonElement root)
    {
        Require(root.TryGetProperty("id", out JsonElement id), "\"id\" is absent.");
        string? text = id.ValueKind switch
        {
            JsonValueKind.String => id.GetString(),
            JsonValueKind.Number => id.GetRawText(),
            _ => null,
        };
        Require(!string.IsNullOrEmpty(text), $"\"id\" is {id.GetRawText()}; must be a number or a string with something in it.");
        return text!;
    }

    private static string TextOf(JsonElement value, string name)
    {
        Require(value.ValueKind == JsonValueKind.String && value.GetString()!.Length > 0, $"\"{name}\" must be a string with something in it.");
        return value.GetString()!;
    }

    private static float[] VectorOf(JsonElement value)
    {
        Require(value.ValueKind == JsonValueKind.Array, "\"vector\" must be an array of numbers.");
        float[] vector = new float[value.GetArrayLength()];
        int i = 0;
        foreach (JsonElement number in value.EnumerateArray())
        {
            Require(
                number.ValueKind == JsonValueKind.Number && number.TryGetSingle(out vector[i]) && float.IsFinite(vector[i]),
                $"\"vector\" has {number.GetRawText()} at {i}; must be a finite number.");
            i++;
        }

        return vector;
    }

    private static void Require(bool isTrue, string otherwise)
    {
        if (!isTrue)
        {
            throw new InvalidDataException(otherwise);
        }
    }
}
