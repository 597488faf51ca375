using System.Text.Json;
using ChineseClip.Contracts;
using SkiaSharp;

namespace ChineseClip.Server.Tests;

public sealed class SearchTests(RunningServer server)
{
    private static readonly string[] Words = ["鱼", "鸟", "树", "花", "山", "云", "书", "船"];

    [Fact]
    public async Task Search_ByTextIdAndVector_FindsTheNearest()
    {
        string collection = await FilledAsync();
        string path = $"/v1/collections/{collection}/search";

        JsonElement byText = await server.JsonAsync(HttpMethod.Post, path, """{"text":"树","k":3,"withVector":true}""");
        JsonElement byId = await server.JsonAsync(HttpMethod.Post, path, """{"id":"item-2","k":8}""");
        JsonElement nearest = byText.GetProperty("hits")[0];
        JsonElement byVector = await server.JsonAsync(
            HttpMethod.Post, path, $$"""{"vector":{{nearest.GetProperty("vector").GetRawText()}},"k":1,"withPayload":false}""");

        Assert.Equal(3, byText.GetProperty("hits").GetArrayLength());
        Assert.Equal("item-2", nearest.GetProperty("id").GetString());
        Assert.Equal(1, nearest.GetProperty("score").GetDouble(), 1e-4);
        Assert.Equal("树", nearest.GetProperty("payload").GetProperty("word").GetString());
        Assert.Equal(2, byText.GetProperty("shardsAsked").GetInt32());
        Assert.Equal(2, byText.GetProperty("shardsAnswered").GetInt32());
        Assert.True(byText.GetProperty("timings").GetProperty("totalMs").GetDouble() > 0);
        Assert.Equal(Words.Length - 1, byId.GetProperty("hits").GetArrayLength());
        Assert.DoesNotContain(byId.GetProperty("hits").EnumerateArray(), hit => hit.GetProperty("id").GetString() == "item-2");
        Assert.Equal("item-2", byVector.GetProperty("hits")[0].GetProperty("id").GetString());
        Assert.False(byVector.GetProperty("hits")[0].TryGetProperty("payload", out _));
    }

    [Fact]
    public async Task Search_ByPicture_FindsThatPicture()
    {
        string collection = await server.CreateCollectionAsync();
        SKColor[] colors = [SKColors.Red, SKColors.Lime, SKColors.Blue, SKColors.White];
        string items = string.Join(',', colors.Select((color, i) =>
            $$$"""{"id":"p{{{i}}}","image":{"base64":"{{{TestPictures.Base64(TestPictures.Png(color))}}}"}}"""));
        await server.PutAsync(collection, $"[{items}]");

        JsonElement answer = await server.JsonAsync(
            HttpMethod.Post,
            $"/v1/collections/{collection}/search",
            $$"""{"image":{"base64":"data:image/png;base64,{{TestPictures.Base64(TestPictures.Png(SKColors.Blue))}}"},"k":2}""");

        Assert.Equal("p2", answer.GetProperty("hits")[0].GetProperty("id").GetString());
        Assert.Equal(1, answer.GetProperty("hits")[0].GetProperty("score").GetDouble(), 1e-4);
    }

    [Fact]
    public async Task Search_FilterMinScoreExact_AreKept()
    {
        string collection = await FilledAsync();
        string path = $"/v1/collections/{collection}/search";

        JsonElement filtered = await server.JsonAsync(
            HttpMethod.Post, path, """{"text":"树","filter":{"must":[{"field":"even","match":true}]}}""");
        JsonElement near = await server.JsonAsync(HttpMethod.Post, path, """{"text":"树","minScore":0.9999,"exact":true}""");
        Problem wrong = await server.ProblemAsync(
            HttpMethod.Post, path, """{"text":"树","filter":{"must":[{"field":"a","match":1,"exists":true}]}}""");

        Assert.Equal(Words.Length / 2, filtered.GetProperty("hits").GetArrayLength());
        Assert.All(
            filtered.GetProperty("hits").EnumerateArray(),
            hit => Assert.True(hit.GetProperty("payload").GetProperty("even").GetBoolean()));
        Assert.Contains(near.GetProperty("hits").EnumerateArray(), hit => hit.GetProperty("id").GetString() == "item-2");
        Assert.All(
            near.GetProperty("hits").EnumerateArray(), hit => Assert.True(hit.GetProperty("score").GetDouble() >= 0.9999));
        Assert.Equal(ErrorCodes.InvalidInput, wrong.Code);
    }

    [Fact]
    public async Task SearchBatch_OneWrong_OthersAreAnswered()
    {
        string collection = await FilledAsync();

        JsonElement answer = await server.JsonAsync(HttpMethod.Post, $"/v1/collections/{collection}/search:batch", """
            {"searches":[{"text":"鱼","k":1},{"text":"鱼","id":"item-1"},{"vector":[1,2]},{"text":"船","k":1}]}
            """);

        JsonElement[] results = [.. answer.GetProperty("results").EnumerateArray()];
        Assert.Equal("item-0", results[0].GetProperty("answer").GetProperty("hits")[0].GetProperty("id").GetString());
        Assert.Equal(ErrorCodes.InvalidInput, results[1].GetProperty("error").GetProperty("code").GetString());
        Assert.Equal(ErrorCodes.DimensionMismatch, results[2].GetProperty("error").GetProperty("code").GetString());
        Assert.Equal("item-7", results[3].GetProperty("answer").GetProperty("hits")[0].GetProperty("id").GetString());
    }

    [Fact]
    public async Task Recommend_Positive_LeavesTheExamplesOut()
    {
        string collection = await FilledAsync();

        JsonElement answer = await server.JsonAsync(
            HttpMethod.Post, $"/v1/collections/{collection}/recommend", """{"positive":["item-0"],"negative":["item-1"]}""");
        Problem unknown = await server.ProblemAsync(
            HttpMethod.Post, $"/v1/collections/{collection}/recommend", """{"positive":["nobody"]}""");

        string?[] ids = [.. answer.GetProperty("hits").EnumerateArray().Select(hit => hit.GetProperty("id").GetString())];
        Assert.Equal(Words.Length - 2, ids.Length);
        Assert.DoesNotContain("item-0", ids);
        Assert.DoesNotContain("item-1", ids);
        Assert.Equal(ErrorCodes.NotFound, unknown.Code);
    }

    [Fact]
    public async Task ScrollCountFacets_AgreeWithWhatIsStored()
    {
        string collection = await FilledAsync();

        var ids = new List<string?>();
        string? cursor = null;
        do
        {
            JsonElement page = await server.JsonAsync(
                HttpMethod.Post,
                $"/v1/collections/{collection}/scroll",
                JsonSerializer.Serialize(new { limit = 3, cursor, withPayload = false }));
            ids.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetString()));
            cursor = page.TryGetProperty("nextCursor", out JsonElement next) ? next.GetString() : null;
        }
        while (cursor is not null);
        JsonElement count = await server.JsonAsync(
            HttpMethod.Post, $"/v1/collections/{collection}/count", """{"filter":{"mustNot":[{"field":"even","match":true}]}}""");
        JsonElement facets = await server.JsonAsync(
            HttpMethod.Post, $"/v1/collections/{collection}/facets", """{"fields":["even","word"],"limit":3}""");

        Assert.Equal(Words.Select((_, i) => $"item-{i}").Order(StringComparer.Ordinal), ids.Order(StringComparer.Ordinal));
        Assert.Equal(Words.Length / 2, count.GetProperty("count").GetInt64());
        JsonElement even = facets.GetProperty("facets")[0];
        Assert.Equal("even", even.GetProperty("field").GetString());
        Assert.Equal([4L, 4L], even.GetProperty("values").EnumerateArray().Select(value => value.GetProperty("count").GetInt64()));
        Assert.All(
            even.GetProperty("values").EnumerateArray(),
            value => Assert.Contains(value.GetProperty("value").ValueKind, new[] { JsonValueKind.True, JsonValueKind.False }));
        Assert.Equal(3, facets.GetProperty("facets")[1].GetProperty("values").GetArrayLength());
    }

    private async Task<string> FilledAsync()
    {
        string collection = await server.CreateCollectionAsync();
        await server.PutAsync(collection, JsonSerializer.Serialize(Words.Select((word, i) => new
        {
            id = $"item-{i}",
            text = word,
            payload = new { word, even = i % 2 == 0 },
        })));
        return collection;
    }
}
