namespace ChineseClip.Contracts;

/// <summary>
/// An error as RFC 9457 has it, with a stable <see cref="Code"/>; content type <c>application/problem+json</c>.
/// </summary>
public sealed record Problem
{
    /// <summary>Address that identifies the kind of error.</summary>
    public string? Type { get; init; }

    /// <summary>The kind of error in words.</summary>
    public required string Title { get; init; }

    /// <summary>The HTTP status.</summary>
    public required int Status { get; init; }

    /// <summary>What was wrong here: the input, the value and the bound.</summary>
    public string? Detail { get; init; }

    /// <summary>Path of the request.</summary>
    public string? Instance { get; init; }

    /// <summary>One of <see cref="ErrorCodes"/>.</summary>
    public required string Code { get; init; }

    /// <summary>Which element of the request was wrong, where it is one of several.</summary>
    public ProblemElement? Element { get; init; }

    /// <summary>Trace of the request, to be found in logs and telemetry.</summary>
    public string? TraceId { get; init; }
}
