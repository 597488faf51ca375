using System.Text.Json.Serialization;

namespace ChineseClip.Contracts;

/// <summary>
/// Body of <c>POST /v1/collections/{name}/recommend</c>: items near the positive and away from the negative ones.
/// </summary>
public sealed record RecommendRequest
{
    /// <summary>Ids to be near to; at least one.</summary>
    public required IReadOnlyList<string> Positive { get; init; }

    /// <summary>Ids to be away from.</summary>
    public IReadOnlyList<string>? Negative { get; init; }

    /// <summary>Number of hits wanted, from 1. Default 10.</summary>
    public int? K { get; init; }

    /// <summary>
    /// Candidates the graph search keeps; more is slower and finds more. Default: the server's, at least <see
    /// cref="K"/>.
    /// </summary>
    public int? Ef { get; init; }

    /// <summary>Only items that fit.</summary>
    public Filter? Filter { get; init; }

    /// <summary>Only hits with at least this cosine similarity, -1 to 1.</summary>
    public float? MinScore { get; init; }

    /// <summary>True: compare with every item instead of searching the graph. Default false.</summary>
    public bool? Exact { get; init; }

    /// <summary>Return payloads. Default true.</summary>
    public bool? WithPayload { get; init; }

    /// <summary>Return vectors. Default false.</summary>
    public bool? WithVector { get; init; }

    /// <summary>True: accept an answer that lacks some shards. Default false: a missing shard is an error.</summary>
    public bool? AllowPartial { get; init; }

    /// <summary>Time the whole search may take, in milliseconds. Default: the server's.</summary>
    [JsonPropertyName("timeoutMs")]
    public int? TimeoutMilliseconds { get; init; }
}
