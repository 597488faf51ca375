using System.Net;
using System.Text.Json;
using ChineseClip.Contracts;

namespace ChineseClip.Server.Tests;

public sealed class CollectionTests(RunningServer server)
{
    [Fact]
    public async Task Collection_CreatedListedDescribedDeleted_IsGone()
    {
        string name = await server.CreateCollectionAsync(shards: 3);

        JsonElement described = await server.JsonAsync(HttpMethod.Get, $"/v1/collections/{name}");
        JsonElement listed = await server.JsonAsync(HttpMethod.Get, "/v1/collections");
        using HttpResponseMessage deleted = await server.SendAsync(HttpMethod.Delete, $"/v1/collections/{name}");
        Problem gone = await server.ProblemAsync(HttpMethod.Get, $"/v1/collections/{name}");

        Assert.Equal(RunningServer.Model, described.GetProperty("model").GetString());
        Assert.Equal(64, described.GetProperty("modelSha256").GetString()!.Length);
        Assert.Equal("ready", described.GetProperty("status").GetString());
        Assert.Equal(0, described.GetProperty("itemCount").GetInt64());
        Assert.Equal(3, described.GetProperty("shards").GetArrayLength());
        Assert.True(described.GetProperty("dimension").GetInt32() > 0);
        Assert.Contains(
            listed.GetProperty("collections").EnumerateArray(), one => one.GetProperty("name").GetString() == name);
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.Equal(ErrorCodes.NotFound, gone.Code);
        Assert.Contains(name, gone.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_ChineseName_Works()
    {
        string name = "图片" + Guid.NewGuid().ToString("N");
        await server.JsonAsync(
            HttpMethod.Put, $"/v1/collections/{Uri.EscapeDataString(name)}", """{"model":"tiny","shards":1}""");

        JsonElement described = await server.JsonAsync(HttpMethod.Get, $"/v1/collections/{Uri.EscapeDataString(name)}");

        Assert.Equal(name, described.GetProperty("name").GetString());
    }

    [Fact]
    public async Task Alias_SetListedMovedDeleted_StandsForItsCollection()
    {
        string first = await server.CreateCollectionAsync(shards: 1);
        string second = await server.CreateCollectionAsync(shards: 2);
        string alias = "alias-" + Guid.NewGuid().ToString("N");
        await server.JsonAsync(HttpMethod.Put, $"/v1/aliases/{alias}", $$"""{"collection":"{{first}}"}""");
        await server.JsonAsync(HttpMethod.Put, $"/v1/aliases/{alias}", $$"""{"collection":"{{second}}"}""");

        JsonElement described = await server.JsonAsync(HttpMethod.Get, $"/v1/collections/{alias}");
        JsonElement listed = await server.JsonAsync(HttpMethod.Get, "/v1/aliases");
        JsonElement counted = await server.JsonAsync(HttpMethod.Post, $"/v1/collections/{alias}/count", "{}");
        using HttpResponseMessage deleted = await server.SendAsync(HttpMethod.Delete, $"/v1/aliases/{alias}");
        Problem gone = await server.ProblemAsync(HttpMethod.Get, $"/v1/collections/{alias}");

        Assert.Equal(second, described.GetProperty("name").GetString());
        Assert.Equal(alias, described.GetProperty("aliases")[0].GetString());
        Assert.Contains(listed.GetProperty("aliases").EnumerateArray(), one => one.GetProperty("alias").GetString() == alias);
        Assert.Equal(0, counted.GetProperty("count").GetInt64());
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.Equal(ErrorCodes.NotFound, gone.Code);
    }

    [Fact]
    public async Task Create_Twice_IsConflict()
    {
        string name = await server.CreateCollectionAsync();
        Problem problem = await server.ProblemAsync(HttpMethod.Put, $"/v1/collections/{name}", """{"model":"tiny"}""");

        Assert.Equal(ErrorCodes.Conflict, problem.Code);
        Assert.Equal(409, problem.Status);
        Assert.Contains(name, problem.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"model":"nobody"}""", "nobody")]
    [InlineData("""{"model":"tiny","shards":0}""", "0")]
    [InlineData("""{"model":"tiny","replicas":7}""", "7")]
    [InlineData("""{"model":"tiny","index":{"m":1}}""", "1")]
    [InlineData("""{"model":"tiny","index":{"quantization":"sq9"}}""", "sq9")]
    public async Task Create_WrongValue_IsRefusedByName(string body, string value)
    {
        Problem problem = await server.ProblemAsync(HttpMethod.Put, $"/v1/collections/c{Guid.NewGuid():N}", body);

        Assert.InRange(problem.Status, 400, 503);
        Assert.NotEqual(ErrorCodes.Internal, problem.Code);
        Assert.Contains(value, problem.Detail, StringComparison.Ordinal);
    }
}
