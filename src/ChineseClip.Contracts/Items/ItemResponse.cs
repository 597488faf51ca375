using System.Text.Json;
using System.Text.Json.Serialization;

namespace ChineseClip.Contracts;

/// <summary>A stored item.</summary>
public sealed record ItemResponse
{
    /// <summary>The caller's key.</summary>
    public required string Id { get; init; }

    /// <summary>The payload it was stored with; absent when it has none or it was not asked for.</summary>
    public JsonElement? Payload { get; init; }

    /// <summary>Its unit vector, when asked for.</summary>
    [JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
    public IReadOnlyList<float>? Vector { get; init; }
}
