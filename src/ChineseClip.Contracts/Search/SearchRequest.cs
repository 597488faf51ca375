using System.Text.Json.Serialization;

namespace ChineseClip.Contracts;

/// <summary>
/// Body of <c>POST /v1/collections/{name}/search</c>: exactly one of <see cref="Text"/>, <see cref="Image"/>, <see
/// cref="Id"/> and <see cref="Vector"/>.
/// </summary>
public sealed record SearchRequest
{
    /// <summary>Query in words.</summary>
    public string? Text { get; init; }

    /// <summary>Query by a picture.</summary>
    public ImageSource? Image { get; init; }

    /// <summary>Query by a stored item; that item is not among the hits.</summary>
    public string? Id { get; init; }

    /// <summary>Query by a vector of the collection's dimension; it is scaled to unit length.</summary>
    [JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
    public IReadOnlyList<float>? Vector { get; init; }

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
