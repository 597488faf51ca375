using System.Text;
using System.Text.Json;
using ChineseClip.Contracts;
using SkiaSharp;

namespace ChineseClip.Server.Tests;

/// <summary>Every wrong input gets its own clear problem, and the server lives on.</summary>
public sealed class BadInputTests(RunningServer server)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, byte[]> BrokenPictures => new()
    {
        { "a text file named .jpg", TestPictures.Text() },
        { "a truncated JPEG", TestPictures.TruncatedJpeg() },
        { "a bomb of 60,000 x 60,000 pixels", TestPictures.Bomb(60_000, 60_000) },
        { "a PNG without its end", TestPictures.Png(SKColors.Red)[..30] },
        { "random bytes", [.. Enumerable.Range(0, 999).Select(i => (byte)(i * 131))] },
    };

    [Theory]
    [MemberData(nameof(BrokenPictures))]
    public async Task Picture_Broken_IsRefusedEverywhereByName(string what, byte[] file)
    {
        string collection = await server.CreateCollectionAsync();
        string name = $"broken-{what.GetHashCode(StringComparison.Ordinal):x}-{collection}.jpg";
        string picture = $$"""{"path":"{{server.SavePicture(name, file)}}"}""";
        string good = $$"""{"base64":"{{TestPictures.Base64(TestPictures.Png(SKColors.Red))}}"}""";

        JsonElement put = await server.JsonAsync(
            HttpMethod.Put,
            $"/v1/collections/{collection}/items",
            $$"""{"items":[{"id":"good","image":{{good}}},{"id":"broken","image":{{picture}}}]}""");
        Problem search = await server.ProblemAsync(
            HttpMethod.Post, $"/v1/collections/{collection}/search", $$"""{"image":{{picture}}}""");
        Problem embed = await server.ProblemAsync(
            HttpMethod.Post, "/v1/embeddings", $$"""{"model":"tiny","images":[{{good}},{{picture}}]}""");

        JsonElement broken = put.GetProperty("results")[1];
        Assert.Equal("created", put.GetProperty("results")[0].GetProperty("status").GetString());
        Assert.Equal("failed", broken.GetProperty("status").GetString());
        string[] expected = [ErrorCodes.InvalidInput, ErrorCodes.TooLarge];
        Assert.Contains(broken.GetProperty("error").GetProperty("code").GetString(), expected);
        Assert.Contains(search.Code, expected);
        Assert.Contains(embed.Code, expected);
        Assert.Equal(1, embed.Element?.Index);
        await AssertAliveAsync();
    }

    [Fact]
    public async Task Bomb_CostsNextToNothing()
    {
        string bomb = $$"""{"model":"tiny","images":[{"base64":"{{TestPictures.Base64(TestPictures.Bomb(60_000, 60_000))}}"}]}""";
        await server.ProblemAsync(HttpMethod.Post, "/v1/embeddings", bomb);
        long before = GC.GetTotalAllocatedBytes();

        Problem problem = await server.ProblemAsync(HttpMethod.Post, "/v1/embeddings", bomb);
        long allocated = GC.GetTotalAllocatedBytes() - before;

        Assert.Contains("60000", problem.Detail, StringComparison.Ordinal);
        Assert.True(allocated < 100_000_000, $"{allocated} bytes were allocated.");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10_000)]
    public async Task Text_EmptyOrEndless_IsRefusedWithItsLength(int length)
    {
        string collection = await server.CreateCollectionAsync();
        string text = new('鱼', length);

        Problem search = await server.ProblemAsync(
            HttpMethod.Post, $"/v1/collections/{collection}/search", $$"""{"text":"{{text}}"}""");
        Problem embed = await server.ProblemAsync(
            HttpMethod.Post, "/v1/embeddings", $$"""{"model":"tiny","texts":["鱼","{{text}}"]}""");

        Assert.Equal(ErrorCodes.InvalidInput, search.Code);
        Assert.Equal(ErrorCodes.InvalidInput, embed.Code);
        Assert.Equal(1, embed.Element?.Index);
        Assert.Contains(length == 0 ? "empty" : "10000", search.Detail, StringComparison.Ordinal);
        await AssertAliveAsync();
    }

    [Theory]
    [InlineData("[1,2,3]", ErrorCodes.DimensionMismatch, "3")]
    [InlineData("[]", ErrorCodes.DimensionMismatch, "0")]
    [InlineData("""[0,"NaN"]""", ErrorCodes.InvalidInput, "vector[1] is NaN")]
    [InlineData("""["-Infinity"]""", ErrorCodes.InvalidInput, "vector[0] is -Infinity")]
    [InlineData("[1e999]", ErrorCodes.InvalidInput, "vector[0] is Infinity")]
    [InlineData("[NaN]", ErrorCodes.InvalidInput, "$.vector")]
    [InlineData("""["one"]""", ErrorCodes.InvalidInput, "$.vector[0]")]
    [InlineData("[null]", ErrorCodes.InvalidInput, "$.vector[0]")]
    public async Task Vector_Wrong_IsRefusedWithTheValue(string vector, string code, string detail)
    {
        string collection = await server.CreateCollectionAsync();

        Problem problem = await server.ProblemAsync(
            HttpMethod.Post, $"/v1/collections/{collection}/search", $$"""{"vector":{{vector}}}""");

        Assert.Equal(code, problem.Code);
        Assert.Contains(detail, problem.Detail, StringComparison.Ordinal);
        await AssertAliveAsync();
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("null", "empty")]
    [InlineData("""{"text":"鱼" """, "$")]
    [InlineData("""{"text":5}""", "$.text")]
    [InlineData("""{"text":"鱼","k":"ten"}""", "$.k")]
    [InlineData("""{"text":"鱼","k":99999999999}""", "$.k")]
    [InlineData("""{"text":"鱼","allowPartail":true}""", "allowPartail")]
    [InlineData("""{"text":"鱼","text":"鸟"}""", "text")]
    [InlineData("""{"text":"鱼","k":0}""", "k is 0")]
    [InlineData("""{"text":"鱼","k":1001}""", "k is 1001")]
    [InlineData("""{"text":"鱼","ef":3}""", "ef is 3")]
    [InlineData("""{"text":"鱼","minScore":1.5}""", "minScore is 1.5")]
    [InlineData("""{"text":"鱼","timeoutMs":0}""", "timeoutMs is 0")]
    [InlineData("""{"text":"鱼","filter":{"must":[{"field":"a"}]}}""", "filter.must[0]")]
    [InlineData("""{"text":"鱼","filter":{"must":[{"field":"a","range":{"gte":"x"}}]}}""", "$.filter.must[0].range.gte")]
    [InlineData("""{}""", "0 of")]
    public async Task Search_Malformed_IsRefusedWithThePlace(string body, string detail)
    {
        string collection = await server.CreateCollectionAsync();

        Problem problem = await server.ProblemAsync(HttpMethod.Post, $"/v1/collections/{collection}/search", body);

        Assert.Equal(ErrorCodes.InvalidInput, problem.Code);
        Assert.Equal(400, problem.Status);
        Assert.Contains(detail, problem.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain("ChineseClip.", problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Put_MissingIdInOneItem_NamesItsPlace()
    {
        string collection = await server.CreateCollectionAsync();

        Problem problem = await server.ProblemAsync(
            HttpMethod.Put, $"/v1/collections/{collection}/items", """{"items":[{"id":"a","text":"鱼"},{"text":"鱼"}]}""");

        Assert.Equal(ErrorCodes.InvalidInput, problem.Code);
        Assert.Equal(1, problem.Element?.Index);
        Assert.Contains("'id' is missing", problem.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PUT", "/items", """{"items":null}""", "$.items")]
    [InlineData("PUT", "/items", """{"items":[{"id":"a","text":"鱼"},null]}""", "items[1] is null")]
    [InlineData("PUT", "/items", """{"items":[{"id":null,"text":"鱼"}]}""", "$.items[0].id")]
    [InlineData("POST", "/items:delete", """{"ids":["a",null]}""", "ids[1] is null")]
    [InlineData("POST", "/search", """{"text":"鱼","filter":{"must":[null]}}""", "must[0] is null")]
    [InlineData("POST", "/search:batch", """{"searches":[null]}""", "searches[0] is null")]
    [InlineData("POST", "/recommend", """{"positive":[null]}""", "positive[0] is null")]
    [InlineData("POST", "/facets", """{"fields":[null]}""", "fields[0] is null")]
    public async Task Null_WhereSomethingMustBe_IsRefusedWithThePlace(string method, string route, string body, string detail)
    {
        string collection = await server.CreateCollectionAsync();

        Problem problem = await server.ProblemAsync(new HttpMethod(method), $"/v1/collections/{collection}{route}", body);

        Assert.Equal(ErrorCodes.InvalidInput, problem.Code);
        Assert.Equal(400, problem.Status);
        Assert.Contains(detail, problem.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain("ChineseClip.", problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Model_Unknown_IsNamed()
    {
        Problem problem = await server.ProblemAsync(
            HttpMethod.Post, "/v1/embeddings", """{"model":"nobody","texts":["鱼"]}""");

        Assert.Contains(problem.Code, new[] { ErrorCodes.NotFound, ErrorCodes.ModelUnavailable });
        Assert.Contains("nobody", problem.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/v1/nothing", 404, ErrorCodes.NotFound)]
    [InlineData("GET", "/nothing", 404, ErrorCodes.NotFound)]
    [InlineData("GET", "/page/nothing.js", 404, ErrorCodes.NotFound)]
    [InlineData("PATCH", "/v1/models", 405, ErrorCodes.InvalidInput)]
    [InlineData("GET", "/v1/collections/a/search", 405, ErrorCodes.InvalidInput)]
    public async Task Route_Unknown_IsAProblemToo(string method, string path, int status, string code)
    {
        Problem problem = await server.ProblemAsync(new HttpMethod(method), path);

        Assert.Equal(status, problem.Status);
        Assert.Equal(code, problem.Code);
    }

    [Fact]
    public async Task Body_OfAnotherType_IsRefusedWithItsType()
    {
        using var content = new StringContent("text=鱼", Encoding.UTF8, "application/x-www-form-urlencoded");
        using HttpResponseMessage response = await server.Http.PostAsync("/v1/collections/a/search", content, Token);

        Problem problem = await RunningServer.ReadProblemAsync(response);

        Assert.Equal(415, problem.Status);
        Assert.Equal(ErrorCodes.InvalidInput, problem.Code);
    }

    private async Task AssertAliveAsync()
    {
        JsonElement answer = await server.JsonAsync(HttpMethod.Post, "/v1/embeddings", """{"model":"tiny","texts":["鱼"]}""");
        Assert.Equal(1, answer.GetProperty("textEmbeddings").GetArrayLength());
    }
}
