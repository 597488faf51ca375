using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using ChineseClip.Abstractions;
using ChineseClip.Contracts;

namespace ChineseClip.Server.Errors;

/// <summary>Turns every failure into a problem document (RFC 9457) with a stable code. The one place that does.</summary>
internal static partial class ProblemMapping
{
    private static readonly TimeSpan DefaultRetryAfter = TimeSpan.FromSeconds(1);

    /// <summary>The code as it stands in documents and what it looks like in HTTP.</summary>
    public static (string Name, int Status, string Title) Describe(ErrorCode code) => code switch
    {
        ErrorCode.InvalidInput => (ErrorCodes.InvalidInput, 400, "The request is not valid."),
        ErrorCode.NotFound => (ErrorCodes.NotFound, 404, "It does not exist."),
        ErrorCode.Conflict => (ErrorCodes.Conflict, 409, "It conflicts with what is there."),
        ErrorCode.DimensionMismatch => (ErrorCodes.DimensionMismatch, 400, "A vector has the wrong length."),
        ErrorCode.Unauthorized => (ErrorCodes.Unauthorized, 401, "An API key is needed."),
        ErrorCode.Forbidden => (ErrorCodes.Forbidden, 403, "The configuration does not allow it."),
        ErrorCode.TooLarge => (ErrorCodes.TooLarge, 413, "It is too large."),
        ErrorCode.Overloaded => (ErrorCodes.Overloaded, 429, "Too much at once."),
        ErrorCode.Timeout => (ErrorCodes.Timeout, 504, "The time allowed ran out."),
        ErrorCode.ShardUnavailable => (ErrorCodes.ShardUnavailable, 503, "A shard cannot answer now."),
        ErrorCode.ModelUnavailable => (ErrorCodes.ModelUnavailable, 503, "The model cannot answer now."),
        ErrorCode.StorageUnavailable => (ErrorCodes.StorageUnavailable, 503, "Storage cannot be written now."),
        ErrorCode.Corrupt => (ErrorCodes.Corrupt, 500, "Stored data failed its checks."),
        ErrorCode.Internal => (ErrorCodes.Internal, 500, "The server failed."),
        _ => throw new ArgumentOutOfRangeException(nameof(code), code, "An error code without a problem."),
    };

    public static ElementError ToElementError(ItemError error) =>
        new() { Code = Describe(error.Code).Name, Detail = error.Message };

    public static ElementError ToElementError(Failure failure) =>
        new() { Code = Describe(failure.Code).Name, Detail = failure.Detail };

    public static Failure FromException(Exception exception) => exception switch
    {
        RequestException refused => new(refused.Code, refused.Message, refused.Element) { Status = refused.Status },
        ClusterException failed => new(failed.Code, failed.Message, Element(failed.Element))
        {
            RetryAfter = failed.RetryAfter ?? (failed.IsTransient ? DefaultRetryAfter : null),
        },
        BadHttpRequestException { InnerException: JsonException json } => FromJson(json),
        BadHttpRequestException { StatusCode: 400 } bad
            when bad.Message.EndsWith("from body.", StringComparison.Ordinal)
                || bad.Message.StartsWith("Implicit body", StringComparison.Ordinal) =>
            new(ErrorCode.InvalidInput, "The body is empty or null; must be a JSON document."),
        BadHttpRequestException bad => new(ErrorCode.InvalidInput, bad.Message) { Status = bad.StatusCode },
        GatewayTooBusyException or LimitExceededException =>
            new(ErrorCode.Overloaded, "The cluster has too much to do.") { RetryAfter = DefaultRetryAfter },
        SiloUnavailableException or OrleansMessageRejectionException =>
            new(ErrorCode.ShardUnavailable, "The silo that was asked is leaving or gone.")
            {
                RetryAfter = DefaultRetryAfter,
            },
        TimeoutException => new(ErrorCode.Timeout, "The cluster did not answer in time."),
        _ => new(ErrorCode.Internal, "The server failed; its log has the trace id."),
    };

    /// <summary>Says where in the document the fault is, without the names of our types.</summary>
    private static Failure FromJson(JsonException exception)
    {
        string path = exception.Path ?? "$";
        string place = exception.LineNumber is { } line
            ? string.Create(
                CultureInfo.InvariantCulture, $" (line {line + 1}, byte {exception.BytePositionInLine + 1})")
            : "";
        string reason = Reason(exception.Message);
        Match index = FirstIndex().Match(path);
        var element = new ProblemElement
        {
            Field = path,
            Index = index.Success ? int.Parse(index.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : null,
        };
        return new(ErrorCode.InvalidInput, $"The JSON body is not as documented at {path}{place}: {reason}", element);
    }

    private static string Reason(string message)
    {
        int end = message.IndexOf(" Path: ", StringComparison.Ordinal);
        string reason = end < 0 ? message : message[..end];
        Match missing = MissingProperties().Match(reason);
        if (missing.Success)
        {
            return $"{missing.Groups[1].Value} is missing.";
        }

        Match unknown = UnknownProperty().Match(reason);
        if (unknown.Success)
        {
            return $"'{unknown.Groups[1].Value}' is unknown there.";
        }

        Match doubled = DoubledProperty().Match(reason);
        if (doubled.Success)
        {
            return $"'{doubled.Groups[1].Value}' is given twice.";
        }

        if (UnwantedNull().IsMatch(reason))
        {
            return "null is not allowed there.";
        }

        return WrongType().IsMatch(reason) ? "the value is of the wrong type or out of its range." : reason;
    }

    /// <summary>Reads the grains' <c>images[3]</c>.</summary>
    private static ProblemElement? Element(string? element)
    {
        if (element is null)
        {
            return null;
        }

        Match match = IndexedElement().Match(element);
        return match.Success
            ? new ProblemElement
            {
                Field = match.Groups[1].Value,
                Index = int.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture),
            }
            : new ProblemElement { Field = element };
    }

    [GeneratedRegex(@"\[([0-9]{1,9})\]")]
    private static partial Regex FirstIndex();

    [GeneratedRegex(@"^(.+)\[([0-9]{1,9})\]$")]
    private static partial Regex IndexedElement();

    [GeneratedRegex("missing required properties including: (.+?)\\.?$")]
    private static partial Regex MissingProperties();

    [GeneratedRegex("^The JSON property '(.*)' could not be mapped")]
    private static partial Regex UnknownProperty();

    [GeneratedRegex("^Duplicate property '(.*?)'")]
    private static partial Regex DoubledProperty();

    [GeneratedRegex("doesn't allow (setting )?null values")]
    private static partial Regex UnwantedNull();

    [GeneratedRegex("could not be converted to|Cannot get the value of a token type|out of bounds for")]
    private static partial Regex WrongType();
}
