using System.Globalization;
using System.Text.Json;
using ChineseClip.Abstractions;
using ChineseClip.Grains.Configuration;
using ChineseClip.Server.Errors;
using ChineseClip.Server.Mapping;
using ChineseClip.Server.Pictures;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace ChineseClip.Server.Endpoints;

/// <summary><c>/v1/collections/{name}/items/{id}/image</c>: the picture an item was made from.</summary>
internal static class PictureEndpoints
{
    private const string PathField = "path";

    public static void MapPictures(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/v1/collections/{name}/items/{id}/image", GetAsync)
            .WithTags("Items")
            .Produces<Stream>(200, "image/png", "image/jpeg", "image/webp", "image/gif", "image/bmp")
            .Documented(
                "GetItemImage",
                "Gets the picture of an item whose payload has a path under Images:AllowedPathRoots.",
                403, 404);

    private static async Task<FileStreamHttpResult> GetAsync(
        string name,
        string id,
        HttpContext context,
        IGrainFactory grains,
        AllowedPaths paths,
        IOptions<ImageOptions> options,
        CancellationToken cancellationToken)
    {
        id = RawPath.Segment(context, ItemEndpoints.IdSegment, id);
        var query = new GetItems { Collection = name, Ids = [id] };
        StoredItem item = await ItemEndpoints.FindAsync(grains, query, cancellationToken);
        string path = PathOf(item)
            ?? throw new RequestException(ErrorCode.NotFound, $"The payload of the item '{id}' has no path to a picture.");
        FileStream file = PictureFile.Open(paths.Require(path), path, options.Value.MaxBytes);
        try
        {
            return await AnswerAsync(context, file, path, cancellationToken);
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    /// <summary>Only pictures are handed out, whatever else lies under the allowed roots.</summary>
    private static async Task<FileStreamHttpResult> AnswerAsync(
        HttpContext context, FileStream file, string path, CancellationToken cancellationToken)
    {
        byte[] head = new byte[PictureFormat.HeadBytes];
        int read = await file.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken);
        string mediaType = PictureFormat.MediaType(head.AsSpan(0, read))
            ?? throw new RequestException(ErrorCode.Forbidden, $"The file '{path}' is not a picture.");
        file.Position = 0;
        var lastModified = new DateTimeOffset(File.GetLastWriteTimeUtc(file.SafeFileHandle));
        context.Response.Headers.CacheControl = "private, max-age=300";
        return TypedResults.Stream(
            file,
            mediaType,
            lastModified: lastModified,
            entityTag: new EntityTagHeaderValue(string.Create(
                CultureInfo.InvariantCulture, $"\"{lastModified.Ticks:x}-{file.Length:x}\"")),
            enableRangeProcessing: true);
    }

    private static string? PathOf(StoredItem item) =>
        PayloadMapping.ToElement(item.Payload) is { ValueKind: JsonValueKind.Object } payload
            && payload.TryGetProperty(PathField, out JsonElement path)
            && path.ValueKind == JsonValueKind.String
                ? path.GetString()
                : null;
}
