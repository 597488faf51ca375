using ChineseClip.Contracts;

namespace ChineseClip.Server.Errors;

/// <summary>What a problem document is made of.</summary>
internal sealed record Failure(ErrorCode Code, string Detail, ProblemElement? Element = null)
{
    /// <summary>Status other than the code's own.</summary>
    public int? Status { get; init; }

    public TimeSpan? RetryAfter { get; init; }
}
