using ChineseClip.Contracts;

namespace ChineseClip.Server.Errors;

/// <summary>A request the gateway itself refuses, before any grain is asked.</summary>
internal sealed class RequestException(ErrorCode code, string message, ProblemElement? element = null)
    : Exception(message)
{
    public ErrorCode Code { get; } = code;

    public ProblemElement? Element { get; } = element;

    /// <summary>Status other than the code's own, such as 405 or 415.</summary>
    public int? Status { get; init; }

    public static RequestException Invalid(string message, ProblemElement? element = null) =>
        new(ErrorCode.InvalidInput, message, element);
}
