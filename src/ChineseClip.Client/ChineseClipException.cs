using System.Net;
using ChineseClip.Contracts;

namespace ChineseClip.Client;

/// <summary>A call that failed: the server's problem details, or why the server could not be asked.</summary>
public sealed class ChineseClipException : Exception
{
    /// <summary><see cref="Code"/> when no connection came about or it broke off.</summary>
    public const string Unreachable = "unreachable";

    /// <summary><see cref="Code"/> when the answer is not one this client understands.</summary>
    public const string InvalidResponse = "invalid_response";

    /// <summary>Makes an exception from the server's problem details.</summary>
    /// <param name="problem">What the server said.</param>
    /// <param name="retryAfter">The <c>Retry-After</c> it gave, if any.</param>
    public ChineseClipException(Problem problem, TimeSpan? retryAfter = null)
        : base(problem?.Detail ?? problem?.Title)
    {
        ArgumentNullException.ThrowIfNull(problem);
        Code = problem.Code;
        Status = (HttpStatusCode)problem.Status;
        Element = problem.Element;
        TraceId = problem.TraceId;
        RetryAfter = retryAfter;
    }

    /// <summary>Makes an exception for a failure without problem details.</summary>
    /// <param name="code">What kind of failure it is.</param>
    /// <param name="message">What failed.</param>
    /// <param name="innerException">What it came from.</param>
    public ChineseClipException(string code, string message, Exception? innerException = null)
        : base(message, innerException) => Code = code;

    /// <summary>One of <see cref="ErrorCodes"/>, or <see cref="Unreachable"/> or <see cref="InvalidResponse"/>.</summary>
    public string Code { get; }

    /// <summary>HTTP status of the answer; <see langword="null"/> when there was none.</summary>
    public HttpStatusCode? Status { get; init; }

    /// <summary>What was wrong, in the server's words: the input, the value and the bound.</summary>
    public string Detail => Message;

    /// <summary>Which element of a batch or which field was wrong, when the server told.</summary>
    public ProblemElement? Element { get; }

    /// <summary>Trace of the request on the server.</summary>
    public string? TraceId { get; }

    /// <summary>How long the server asks to wait before the next try.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>True when the same call may succeed later without a change.</summary>
    public bool IsTransient => Code is ErrorCodes.Overloaded or ErrorCodes.Timeout or ErrorCodes.ShardUnavailable
        or ErrorCodes.ModelUnavailable or ErrorCodes.StorageUnavailable or Unreachable;
}
