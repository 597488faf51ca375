using System.Text.Json;
using System.Text.Json.Serialization;

namespace ChineseClip.Contracts;

/// <summary>One hit.</summary>
public sealed record SearchHit
{
    /// <summary>Id of the item.</summary>
    public required string Id { get; init; }

    /// <summary>Cosine similarity with the query, -1 to 1; higher is better.</summary>
    public required float Score { get; init; }

    /// <summary>Payload of the item, when asked for and present.</summary>
    public JsonElement? Payload { get; init; }

    /// <summary>Unit vector of the item, when asked for.</summary>
    [JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
    public IReadOnlyList<float>? Vector { get; init; }

    /// <summary>Ordinal of the shard it came from.</summary>
    public int? Shard { get; init; }

    /// <summary>Lease epoch of that shard when it answered.</summary>
    public long? Epoch { get; init; }

    /// <summary>Log sequence number that shard had applied when it answered.</summary>
    public long? Lsn { get; init; }
}
