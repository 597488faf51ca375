using ChineseClip.Contracts;
using ChineseClip.Server.Errors;

namespace ChineseClip.Server.Endpoints;

/// <summary>What the OpenAPI document says of a route.</summary>
internal static class EndpointDocumentation
{
    /// <summary>Problems any route under <c>/v1</c> may answer with.</summary>
    private static readonly int[] CommonProblems = [400, 401, 429, 500, 503, 504];

    public static RouteHandlerBuilder Documented(
        this RouteHandlerBuilder route, string name, string summary, params int[] furtherProblems)
    {
        foreach (int status in CommonProblems.Concat(furtherProblems).Order())
        {
            route.Produces<Problem>(status, ProblemWriter.ContentType);
        }

        return route.WithName(name).WithSummary(summary);
    }
}
