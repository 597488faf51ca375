using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ChineseClip.Server.Tests;

/// <summary>What is around the API: its document, the page, health, metrics, the cluster's state.</summary>
public sealed class SurfaceTests(RunningServer server)
{
    private static readonly string[] Routes =
    [
        "PUT /v1/collections/{name}", "GET /v1/collections", "GET /v1/collections/{name}", "DELETE /v1/collections/{name}",
        "PUT /v1/collections/{name}/items", "GET /v1/collections/{name}/items/{id}",
        "DELETE /v1/collections/{name}/items/{id}", "POST /v1/collections/{name}/items:delete",
        "GET /v1/collections/{name}/items/{id}/image", "POST /v1/collections/{name}/search",
        "POST /v1/collections/{name}/search:batch", "POST /v1/collections/{name}/recommend",
        "POST /v1/collections/{name}/scroll", "POST /v1/collections/{name}/count", "POST /v1/collections/{name}/facets",
        "POST /v1/collections/{name}/snapshots", "GET /v1/collections/{name}/snapshots",
        "DELETE /v1/collections/{name}/snapshots/{id}", "POST /v1/collections/{name}/snapshots/{id}:restore",
        "POST /v1/collections/{name}/snapshots/{id}:export", "POST /v1/collections/{name}/snapshots:import",
        "PUT /v1/aliases/{alias}", "GET /v1/aliases", "DELETE /v1/aliases/{alias}",
        "POST /v1/embeddings", "POST /v1/similarity", "POST /v1/classify", "GET /v1/models", "GET /v1/cluster",
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task OpenApi_CoversEveryRouteWithSummaryAndProblems()
    {
        JsonElement document = await server.JsonAsync(HttpMethod.Get, "/openapi/v1.json");

        Dictionary<string, JsonElement> operations = document.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Where(operation => operation.Value.ValueKind == JsonValueKind.Object)
                .Select(operation => ($"{operation.Name.ToUpperInvariant()} {path.Name}", operation.Value)))
            .ToDictionary(operation => operation.Item1, operation => operation.Value);
        Assert.Equal(Routes.Order(StringComparer.Ordinal), operations.Keys.Order(StringComparer.Ordinal));
        Assert.All(operations, operation =>
        {
            Assert.False(string.IsNullOrWhiteSpace(operation.Value.GetProperty("summary").GetString()), operation.Key);
            Assert.True(
                operation.Value.GetProperty("responses").GetProperty("400").GetProperty("content")
                    .TryGetProperty("application/problem+json", out _),
                operation.Key);
        });
        JsonElement properties = document.GetProperty("components").GetProperty("schemas")
            .GetProperty("SearchRequest").GetProperty("properties");
        Assert.True(properties.TryGetProperty("timeoutMs", out _));
    }

    [Fact]
    public async Task Metrics_AfterARequest_AreInPrometheusForm()
    {
        await server.JsonAsync(HttpMethod.Get, "/v1/models");
        using HttpResponseMessage response = await server.SendAsync(HttpMethod.Get, "/metrics");
        string text = await response.Content.ReadAsStringAsync(Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("# TYPE http_server_request_duration_seconds histogram", text, StringComparison.Ordinal);
        Assert.Contains("orleans_", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cluster_OneProcess_HasAllRolesAndItsShards()
    {
        string collection = await server.CreateCollectionAsync(shards: 2);

        JsonElement cluster = await server.JsonAsync(HttpMethod.Get, "/v1/cluster");

        JsonElement silo = Assert.Single(cluster.GetProperty("silos").EnumerateArray());
        Assert.Equal(
            ["gateway", "inference", "shards"],
            silo.GetProperty("roles").EnumerateArray().Select(role => role.GetString()).Order(StringComparer.Ordinal));
        JsonElement[] shards =
        [
            .. cluster.GetProperty("shards").EnumerateArray()
                .Where(shard => shard.GetProperty("collection").GetString() == collection),
        ];
        Assert.Equal([0, 1], shards.Select(shard => shard.GetProperty("ordinal").GetInt32()).Order());
        Assert.All(shards, shard => Assert.Equal("ready", shard.GetProperty("status").GetString()));
        Assert.NotEmpty(cluster.GetProperty("queues").EnumerateArray());
        Assert.Equal(ServerHost.Version, cluster.GetProperty("version").GetString());
    }

    [Fact]
    public async Task Page_AllItsFiles_AreServedAndNoneIsFromElsewhere()
    {
        using HttpResponseMessage response = await server.SendAsync(HttpMethod.Get, "/");
        string html = await response.Content.ReadAsStringAsync(Token);

        Assert.Equal("text/html", response.Content.Headers.ContentType?.MediaType);
        Assert.All(
            new[] { "query", "results", "status", "drop", "file" },
            id => Assert.Contains($"id=\"{id}\"", html, StringComparison.Ordinal));
        string[] references = [.. Regex.Matches(html, "(?:src|href)=\"([^\"]+)\"").Select(match => match.Groups[1].Value).Distinct()];
        Assert.All(references, reference => Assert.StartsWith("/", reference, StringComparison.Ordinal));
        Assert.Contains("/page/page.js", references);
        foreach (string reference in references.Except(["/health"]))    // not ready while other tests create collections
        {
            using HttpResponseMessage file = await server.SendAsync(HttpMethod.Get, reference);
            Assert.Equal(HttpStatusCode.OK, file.StatusCode);
        }
    }

    [Fact]
    public async Task Page_Unchanged_IsNotSentAgain()
    {
        using HttpResponseMessage first = await server.SendAsync(HttpMethod.Get, "/page/page.js");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/page/page.js");
        request.Headers.IfNoneMatch.Add(first.Headers.ETag!);

        using HttpResponseMessage second = await server.Http.SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
    }
}
