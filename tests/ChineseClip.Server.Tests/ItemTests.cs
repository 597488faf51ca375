using System.Net;
using System.Text.Json;
using ChineseClip.Contracts;
using SkiaSharp;

namespace ChineseClip.Server.Tests;

public sealed class ItemTests(RunningServer server)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Items_PutReadReplacedDeleted_FollowEachStep()
    {
        string collection = await server.CreateCollectionAsync();
        string path = $"/v1/collections/{collection}/items";

        JsonElement first = await server.JsonAsync(
            HttpMethod.Put, path, """{"items":[{"id":"鱼","text":"红色的鱼","payload":{"color":"红","n":3}}]}""");
        JsonElement second = await server.JsonAsync(
            HttpMethod.Put, path, """{"items":[{"id":"鱼","text":"蓝色的鱼","payload":{"color":"蓝"}}]}""");
        JsonElement read = await server.JsonAsync(
            HttpMethod.Get, $"{path}/{Uri.EscapeDataString("鱼")}?withVector=true");
        JsonElement deleted = await server.JsonAsync(HttpMethod.Delete, $"{path}/{Uri.EscapeDataString("鱼")}");
        Problem gone = await server.ProblemAsync(HttpMethod.Get, $"{path}/{Uri.EscapeDataString("鱼")}");
        JsonElement again = await server.JsonAsync(HttpMethod.Delete, $"{path}/{Uri.EscapeDataString("鱼")}");

        Assert.Equal("created", first.GetProperty("results")[0].GetProperty("status").GetString());
        Assert.Equal("updated", second.GetProperty("results")[0].GetProperty("status").GetString());
        Assert.Equal("""{"color":"蓝"}""", read.GetProperty("payload").GetRawText());
        double norm = Math.Sqrt(read.GetProperty("vector").EnumerateArray().Sum(x => x.GetDouble() * x.GetDouble()));
        Assert.Equal(1, norm, 1e-4);
        Assert.Equal(1, deleted.GetProperty("deleted").GetInt64());
        Assert.Equal(ErrorCodes.NotFound, gone.Code);
        Assert.Equal(0, again.GetProperty("deleted").GetInt64());
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("a%2Fb")]
    [InlineData("c?d=#e f")]
    [InlineData("😀")]
    public async Task Get_IdOfAnyCharacters_FindsThatItem(string id)
    {
        string collection = await server.CreateCollectionAsync();
        await server.PutAsync(collection, JsonSerializer.Serialize(new[] { new { id, text = "鱼", payload = new { own = id } } }));

        JsonElement item = await server.JsonAsync(
            HttpMethod.Get, $"/v1/collections/{collection}/items/{Uri.EscapeDataString(id)}");

        Assert.Equal(id, item.GetProperty("payload").GetProperty("own").GetString());
    }

    [Fact]
    public async Task Put_SomeItemsWrong_OthersAreStored()
    {
        string collection = await server.CreateCollectionAsync();
        string outside = Path.Combine(Path.GetTempPath(), "outside.png");
        string items = $$$"""
            {"items":[
              {"id":"good","text":"鱼"},
              {"id":"nothing"},
              {"id":"two","text":"鱼","vector":[1]},
              {"id":"base64","image":{"base64":"%%%"}},
              {"id":"outside","image":{"path":{{{JsonSerializer.Serialize(outside)}}} }},
              {"id":"url","image":{"url":"http://127.0.0.1:1/a.png"}},
              {"id":"length","vector":[1,2,3]},
              {"id":"nan","vector":[1,"NaN"]},
              {"id":"infinite","vector":[1e999]},
              {"id":"empty","text":""},
              {"id":"array","text":"鱼","payload":[1]},
              {"id":"also good","text":"鸟"}
            ]}
            """;

        JsonElement answer = await server.JsonAsync(HttpMethod.Put, $"/v1/collections/{collection}/items", items);
        JsonElement count = await server.JsonAsync(HttpMethod.Post, $"/v1/collections/{collection}/count", "{}");

        Dictionary<string, string?> codes = answer.GetProperty("results").EnumerateArray().ToDictionary(
            result => result.GetProperty("id").GetString()!,
            result => result.TryGetProperty("error", out JsonElement error) ? error.GetProperty("code").GetString() : null);
        Assert.Equal(
            ["good", "nothing", "two", "base64", "outside", "url", "length", "nan", "infinite", "empty", "array", "also good"],
            codes.Keys);
        Assert.Null(codes["good"]);
        Assert.Null(codes["also good"]);
        Assert.Equal(ErrorCodes.Forbidden, codes["outside"]);
        Assert.Equal(ErrorCodes.Forbidden, codes["url"]);
        Assert.Equal(ErrorCodes.DimensionMismatch, codes["length"]);
        Assert.All(
            ["nothing", "two", "base64", "nan", "infinite", "empty", "array"],
            id => Assert.Equal(ErrorCodes.InvalidInput, codes[id]));
        Assert.Equal(2, count.GetProperty("count").GetInt64());
    }

    [Fact]
    public async Task Put_NoSuchCollection_IsNotFoundEvenWhenEveryItemIsWrong()
    {
        Problem problem = await server.ProblemAsync(
            HttpMethod.Put, "/v1/collections/nowhere/items", """{"items":[{"id":"a"}]}""");

        Assert.Equal(ErrorCodes.NotFound, problem.Code);
    }

    [Fact]
    public async Task Put_RepeatedWithTheSameKey_HappensOnce()
    {
        string collection = await server.CreateCollectionAsync();
        string key = Guid.NewGuid().ToString();

        string?[] statuses = new string?[2];
        for (int i = 0; i < 2; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Put, $"/v1/collections/{collection}/items")
            {
                Content = new StringContent("""{"items":[{"id":"a","text":"鱼"}]}""", null, "application/json"),
                Headers = { { "Idempotency-Key", key } },
            };
            using HttpResponseMessage response = await server.Http.SendAsync(request, Token);
            using JsonDocument answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Token));
            statuses[i] = answer.RootElement.GetProperty("results")[0].GetProperty("status").GetString();
        }

        Assert.Equal(["created", "created"], statuses);
    }

    [Fact]
    public async Task Delete_ByIdsAndByFilter_LeavesTheRest()
    {
        string collection = await server.CreateCollectionAsync();
        await server.PutAsync(
            collection,
            """[{"id":"a","text":"鱼","payload":{"n":1}},{"id":"b","text":"鸟","payload":{"n":2}},{"id":"c","text":"树"}]""");
        string path = $"/v1/collections/{collection}/items:delete";

        JsonElement byId = await server.JsonAsync(HttpMethod.Post, path, """{"ids":["a","never there"]}""");
        JsonElement byFilter = await server.JsonAsync(
            HttpMethod.Post, path, """{"filter":{"must":[{"field":"n","range":{"gte":2}}]}}""");
        Problem both = await server.ProblemAsync(HttpMethod.Post, path, """{"ids":["c"],"filter":{}}""");
        JsonElement rest = await server.JsonAsync(HttpMethod.Post, $"/v1/collections/{collection}/scroll", "{}");

        Assert.Equal(1, byId.GetProperty("deleted").GetInt64());
        Assert.Equal(1, byFilter.GetProperty("deleted").GetInt64());
        Assert.Equal(ErrorCodes.InvalidInput, both.Code);
        Assert.Equal("c", Assert.Single(rest.GetProperty("items").EnumerateArray()).GetProperty("id").GetString());
    }

    [Fact]
    public async Task Image_PayloadHasAPathUnderTheRoots_IsServedWithItsType()
    {
        string collection = await server.CreateCollectionAsync();
        byte[] file = TestPictures.Png(SKColors.Red);
        string path = server.SavePicture("served.jpg", file);    // the name lies; the bytes decide
        await server.PutAsync(collection, $$$"""
            [{"id":"absolute","image":{"path":"{{{path}}}"},"payload":{"path":"{{{path}}}"} },
             {"id":"relative","image":{"path":"served.jpg"},"payload":{"path":"served.jpg"}}]
            """);

        foreach (string id in new[] { "absolute", "relative" })
        {
            using HttpResponseMessage response =
                await server.SendAsync(HttpMethod.Get, $"/v1/collections/{collection}/items/{id}/image");
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal("image/png", response.Content.Headers.ContentType?.MediaType);
            Assert.Equal(file, await response.Content.ReadAsByteArrayAsync(Token));
            Assert.NotNull(response.Headers.ETag);
        }
    }

    [Fact]
    public async Task Image_NothingToServeOrNotAllowed_IsRefused()
    {
        string collection = await server.CreateCollectionAsync();
        server.SavePicture("secret.txt", TestPictures.Text());
        string link = Path.Combine(server.PictureFolder, "link-" + collection);
        File.CreateSymbolicLink(link, server.PackageFolder);
        await server.PutAsync(collection, $$$"""
            [{"id":"none","text":"鱼"},
             {"id":"text","text":"鱼","payload":{"path":"secret.txt"}},
             {"id":"up","text":"鱼","payload":{"path":"../model/manifest.json"}},
             {"id":"link","text":"鱼","payload":{"path":"{{{link}}}/manifest.json"}},
             {"id":"gone","text":"鱼","payload":{"path":"gone.png"}},
             {"id":"pipe","text":"鱼","payload":{"path":"/dev/zero"}}]
            """);

        var codes = new Dictionary<string, string>();
        foreach (string id in new[] { "none", "text", "up", "link", "gone", "pipe" })
        {
            codes[id] = (await server.ProblemAsync(HttpMethod.Get, $"/v1/collections/{collection}/items/{id}/image")).Code;
        }

        Assert.Equal(ErrorCodes.NotFound, codes["none"]);
        Assert.Equal(ErrorCodes.NotFound, codes["gone"]);
        Assert.All(["text", "up", "link", "pipe"], id => Assert.Equal(ErrorCodes.Forbidden, codes[id]));
    }
}
