using System.Text.Json.Serialization;

namespace ChineseClip.Contracts;

/// <summary>Where the time of a search went, in milliseconds.</summary>
public sealed record SearchTimings
{
    /// <summary>Embedding the query; 0 when it needed none.</summary>
    [JsonPropertyName("embedMs")]
    public required double EmbedMilliseconds { get; init; }

    /// <summary>Asking the shards and merging their answers.</summary>
    [JsonPropertyName("searchMs")]
    public required double SearchMilliseconds { get; init; }

    /// <summary>The whole search inside the server.</summary>
    [JsonPropertyName("totalMs")]
    public required double TotalMilliseconds { get; init; }
}
