using System.Text.Json;
using System.Text.Json.Nodes;

namespace ChineseClip.Model.Packages;

/// <summary>Loads the files that say how texts and pictures become numbers, and names the file when one is wrong.</summary>
internal static class PackageAssets
{
    /// <param name="vocabularyPath">A vocab.txt.</param>
    /// <param name="configPath">A tokenizer_config.json, or null for the reference's defaults.</param>
    /// <param name="maxLength">The most tokens the text tower holds; a smaller limit of the tokenizer's own counts.</param>
    public static ChineseClipTokenizer LoadTokenizer(string vocabularyPath, string? configPath, int maxLength)
    {
        TokenizerOptions options = configPath is null
            ? TokenizerOptions.Default
            : Parse(configPath, json => TokenizerOptions.FromJson(json));
        try
        {
            return ChineseClipTokenizer.Load(vocabularyPath, options with { MaxLength = Math.Min(options.MaxLength, maxLength) });
        }
        catch (InvalidDataException e)
        {
            throw new ModelFormatException(vocabularyPath, e.Message, e);
        }
    }

    /// <exception cref="ModelFormatException">The file is wrong or gives pictures of another size than the tower's.</exception>
    public static ImageProcessor LoadImageProcessor(string path, int imageSize)
    {
        ImageProcessor processor = Parse(path, json => new ImageProcessor(ImageProcessorOptions.FromJson(json)));
        return processor.OutputWidth == imageSize && processor.OutputHeight == imageSize
            ? processor
            : throw new ModelFormatException(
                path, $"gives pictures of {processor.OutputWidth}x{processor.OutputHeight}; the model takes {imageSize}x{imageSize}");
    }

    /// <summary>Makes a preprocessor_config.json give square pictures of another size, and keeps all else in it.</summary>
    public static void ChangeImageSize(string path, int size)
    {
        JsonObject config = Parse(path, json => JsonNode.Parse(json) as JsonObject)
            ?? throw new ModelFormatException(path, "is not a JSON object");
        config["size"] = new JsonObject { ["height"] = size, ["width"] = size };
        config["crop_size"] = new JsonObject { ["height"] = size, ["width"] = size };
        File.WriteAllText(path, config.ToJsonString());
    }

    /// <exception cref="ModelFormatException">The file's text is not what is parsed.</exception>
    internal static T Parse<T>(string path, Func<string, T> parse)
    {
        try
        {
            return parse(File.ReadAllText(path));
        }
        catch (Exception e) when (e is JsonException or InvalidDataException or ArgumentException or InvalidOperationException)
        {
            // Half of a surrogate pair, written as an escape, is the InvalidOperationException.
            throw new ModelFormatException(path, e.Message, e);
        }
    }
}
