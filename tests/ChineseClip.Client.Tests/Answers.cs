using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ChineseClip.Contracts;
using Microsoft.AspNetCore.Http;

namespace ChineseClip.Client.Tests;

/// <summary>What a server may say.</summary>
internal static class Answers
{
    public static readonly SearchResponse NoHits = new()
    {
        Hits = [],
        ShardsAsked = 1,
        ShardsAnswered = 1,
        Timings = new SearchTimings { EmbedMilliseconds = 1, SearchMilliseconds = 2, TotalMilliseconds = 3 },
    };

    public static Task Json<T>(HttpContext context, T answer, JsonTypeInfo<T> type) =>
        context.Response.WriteAsJsonAsync(answer, type, cancellationToken: context.RequestAborted);

    public static Task Problem(HttpContext context, int status, string code, ProblemElement? element = null)
    {
        context.Response.StatusCode = status;
        var problem = new Problem
        {
            Title = "wrong",
            Status = status,
            Detail = "k 是 0；必须在 1..1000 之间",
            Code = code,
            Element = element,
            TraceId = "00-abc",
        };
        return context.Response.WriteAsJsonAsync(
            problem, ContractsJson.Default.Problem, "application/problem+json", context.RequestAborted);
    }

    public static async Task<T> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type) =>
        (await JsonSerializer.DeserializeAsync(context.Request.Body, type, context.RequestAborted))!;
}
