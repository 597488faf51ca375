using System.Text.Json;
using System.Text.Json.Serialization;

namespace ChineseClip.Contracts;

/// <summary>
/// One item to store: an id and exactly one of <see cref="Image"/>, <see cref="Text"/> and <see cref="Vector"/>.
/// </summary>
public sealed record PutItem
{
    /// <summary>The caller's key, unique in the collection; 1 to 512 characters.</summary>
    public required string Id { get; init; }

    /// <summary>Picture to embed.</summary>
    public ImageSource? Image { get; init; }

    /// <summary>Text to embed.</summary>
    public string? Text { get; init; }

    /// <summary>Ready-made vector of the collection's dimension; it is scaled to unit length.</summary>
    [JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
    public IReadOnlyList<float>? Vector { get; init; }

    /// <summary>Any JSON object, stored with the item, returned with hits, and reached by filters.</summary>
    public JsonElement? Payload { get; init; }
}
