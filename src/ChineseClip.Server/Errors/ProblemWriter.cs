using System.Diagnostics;
using System.Globalization;
using ChineseClip.Contracts;

namespace ChineseClip.Server.Errors;

/// <summary>Writes a failure as <c>application/problem+json</c>.</summary>
internal static class ProblemWriter
{
    public const string ContentType = "application/problem+json";

    public static Task WriteAsync(HttpContext context, Failure failure)
    {
        (string name, int status, string title) = ProblemMapping.Describe(failure.Code);
        status = failure.Status ?? status;
        HttpResponse response = context.Response;
        response.Clear();
        response.StatusCode = status;
        response.Headers.CacheControl = "no-store";
        if (failure.RetryAfter is { } retryAfter)
        {
            response.Headers.RetryAfter =
                Math.Max(1, Math.Ceiling(retryAfter.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        if (status == StatusCodes.Status401Unauthorized)
        {
            response.Headers.WWWAuthenticate = "Bearer";
        }

        var problem = new Problem
        {
            Type = "urn:chineseclip:problem:" + name,
            Title = title,
            Status = status,
            Detail = failure.Detail,
            Instance = context.Request.Path,
            Code = name,
            Element = failure.Element,
            TraceId = Activity.Current?.Id ?? context.TraceIdentifier,
        };
        return response.WriteAsJsonAsync(problem, ServerJson.Context.Problem, ContentType, context.RequestAborted);
    }
}
