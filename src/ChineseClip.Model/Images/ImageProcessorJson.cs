using System.Text.Json;

namespace ChineseClip.Model.Images;

/// <summary>Reads preprocessor_config.json in the forms that the reference has written over time.</summary>
internal static class ImageProcessorJson
{
    public static ImageProcessorOptions Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw new JsonException($"The image processor configuration is a JSON {root.ValueKind}; it must be an object.");
        }

        var defaults = ImageProcessorOptions.Default;
        var options = defaults with
        {
            DoResize = Switch(root, "do_resize"),
            DoCenterCrop = Switch(root, "do_center_crop"),
            DoRescale = Switch(root, "do_rescale"),
            DoNormalize = Switch(root, "do_normalize"),
            DoConvertRgb = Switch(root, "do_convert_rgb"),
            Resample = Find(root, "resample") is { } resample ? (ResampleFilter)Integer(resample, "resample") : defaults.Resample,
            RescaleFactor = Find(root, "rescale_factor") is { } factor ? Number(factor, "rescale_factor") : defaults.RescaleFactor,
            ImageMean = Find(root, "image_mean") is { } mean ? Channels(mean, "image_mean") : defaults.ImageMean,
            ImageStd = Find(root, "image_std") is { } std ? Channels(std, "image_std") : defaults.ImageStd,
            CropSize = Find(root, "crop_size") is { } crop ? Crop(crop) : defaults.CropSize,
            ChannelOrder = Find(root, "data_format") is { } order ? Order(order) : defaults.ChannelOrder,
        };
        options = Find(root, "size") is { } size ? WithSize(options, size) : options;
        try
        {
            options.Validate();
        }
        catch (ArgumentException exception)
        {
            throw new JsonException(exception.Message, exception);
        }

        return options;
    }

    // A bare number was the shorter side in the feature extractors of old; a pair is height and width.
    private static ImageProcessorOptions WithSize(ImageProcessorOptions options, JsonElement size) => size.ValueKind switch
    {
        JsonValueKind.Number => options with { Size = null, ShortestEdge = Integer(size, "size") },
        JsonValueKind.Array when size.GetArrayLength() == 2 =>
            options with { Size = new ImageSize(Integer(size[0], "size"), Integer(size[1], "size")) },
        JsonValueKind.Object when Find(size, "shortest_edge") is { } edge && Find(size, "longest_edge") is null =>
            options with { Size = null, ShortestEdge = Integer(edge, "size.shortest_edge") },
        JsonValueKind.Object when Find(size, "height") is { } height && Find(size, "width") is { } width =>
            options with { Size = new ImageSize(Integer(height, "size.height"), Integer(width, "size.width")) },
        _ => throw Wrong("size", size, "a number, [height, width], {height, width} or {shortest_edge}"),
    };

    private static ImageSize Crop(JsonElement crop) => crop.ValueKind switch
    {
        JsonValueKind.Number => new ImageSize(Integer(crop, "crop_size"), Integer(crop, "crop_size")),
        JsonValueKind.Array when crop.GetArrayLength() == 2 =>
            new ImageSize(Integer(crop[0], "crop_size"), Integer(crop[1], "crop_size")),
        JsonValueKind.Object when Find(crop, "height") is { } height && Find(crop, "width") is { } width =>
            new ImageSize(Integer(height, "crop_size.height"), Integer(width, "crop_size.width")),
        _ => throw Wrong("crop_size", crop, "a number, [height, width] or {height, width}"),
    };

    private static ChannelOrder Order(JsonElement order) => order.ValueKind == JsonValueKind.String
        ? order.GetString() switch
        {
            "channels_first" => ChannelOrder.First,
            "channels_last" => ChannelOrder.Last,
            _ => throw Wrong("data_format", order, "channels_first or channels_last"),
        }
        : throw Wrong("data_format", order, "channels_first or channels_last");

    private static double[] Channels(JsonElement value, string name) => value.ValueKind switch
    {
        JsonValueKind.Number => [Number(value, name), Number(value, name), Number(value, name)],
        JsonValueKind.Array => [.. value.EnumerateArray().Select(item => Number(item, name))],
        _ => throw Wrong(name, value, "3 numbers"),
    };

    private static JsonElement? Find(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    // Every switch of the reference is on unless the document says otherwise.
    private static bool Switch(JsonElement root, string name) => Find(root, name) switch
    {
        null or { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        { } other => throw Wrong(name, other, "true or false"),
    };

    private static int Integer(JsonElement value, string name) => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number)
        ? number
        : throw Wrong(name, value, "a whole number");

    private static double Number(JsonElement value, string name) => value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number)
        ? number
        : throw Wrong(name, value, "a number");

    private static JsonException Wrong(string name, JsonElement value, string bound) =>
        new($"{name} is {value.GetRawText()}; it must be {bound}.");
}
