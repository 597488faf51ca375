using System.Text;
using System.Text.Json;
using ChineseClip.Abstractions;

namespace ChineseClip.Grains.Tests;

public sealed class ScrollAndFilterTests
{
    private const int ItemCount = 150;
    private static readonly string[] Colors = ["red", "green", "blue"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task FilteredAnswersEqualAPlainScan()
    {
        await using TestSilos silos = await TestSilos.StartAsync();
        Item[] items = await FillAsync(silos);
        (string Filter, Func<Item, bool> Oracle)[] cases =
        [
            ("""{"must":[{"field":"color","match":"red"}]}""", item => item.Color == "red"),
            ("""{"must":[{"field":"maker.city","match":"北京"}]}""", item => item.City == "北京"),
            ("""{"must":[{"field":"tags","match":"t2"}]}""", item => item.Tags.Contains("t2")),
            ("""{"must":[{"field":"color","in":["red","blue"]}],"mustNot":[{"field":"size","range":{"gt":5}}]}""",
                item => item.Color != "green" && item.Size <= 5),
            ("""{"must":[{"field":"size","range":{"gte":2,"lt":4}}]}""", item => item.Size is >= 2 and < 4),
            ("""{"must":[{"field":"size","range":{"lte":2}},{"field":"sold","match":true}]}""", item => item.Size <= 2 && item.Sold),
            ("""{"should":[{"field":"size","match":1},{"field":"color","match":"green"}]}""", item => item.Size == 1 || item.Color == "green"),
            ("""{"must":[{"field":"maker","exists":false}]}""", item => item.City is null),
            ("""{"must":[{"field":"size","match":"1"}]}""", _ => false),
            ("""{"must":[{"id":["i007","i008","none"]}],"mustNot":[{"id":["i008"]}]}""", item => item.Id == "i007"),
            ("""{"must":[{"should":[{"field":"color","match":"red"},{"field":"sold","match":true}]},{"field":"size","range":{"gt":3}}]}""",
                item => (item.Color == "red" || item.Sold) && item.Size > 3),
            ("""{"should":[]}""", _ => true),
        ];
        foreach ((string json, Func<Item, bool> oracle) in cases)
        {
            FilterClause filter = FilterJson.Parse(JsonDocument.Parse(json).RootElement);
            string[] expected = [.. items.Where(oracle).Select(item => item.Id).Order(StringComparer.Ordinal)];
            Assert.Equal(
                expected.Length, await silos.Grains.Items().CountAsync(new CountQuery { Collection = "c", Filter = filter }, Token));
            foreach (bool exact in new[] { true, false })
            {
                SearchAnswer answer = await silos.Grains.Search().SearchAsync(
                    new SearchQuery { Collection = "c", Vector = Vector(3), K = ItemCount, Ef = 400, Filter = filter, Exact = exact }, Token);
                Assert.Equal(expected, answer.Hits.Select(hit => hit.Id).Order(StringComparer.Ordinal));
            }

            Assert.Equal(expected, await ScrollAllAsync(silos, filter, limit: 7));
        }
    }

    [Fact]
    public async Task FacetsAndDeleteByFilter_AgreeWithAPlainScan()
    {
        await using TestSilos silos = await TestSilos.StartAsync();
        Item[] items = await FillAsync(silos);
        FacetAnswer facets = await silos.Grains.Items().FacetsAsync(new FacetQuery { Collection = "c", Field = "tags" }, Token);
        (string, long)[] expected =
        [
            .. items.SelectMany(item => item.Tags.Distinct()).GroupBy(tag => tag)
                .OrderByDescending(group => group.Count()).ThenBy(group => group.Key, StringComparer.Ordinal)
                .Select(group => (group.Key, (long)group.Count())),
        ];
        Assert.Equal(expected, facets.Facets.Select(facet => (facet.Value.Text!, facet.Count)));

        FilterClause red = new() { Must = [new FieldIn { Field = "color", Values = [FilterValue.Of("red")] }] };
        DeleteAnswer deleted = await silos.Grains.Items().DeleteByFilterAsync(new DeleteByFilter { Collection = "c", Filter = red }, Token);
        Assert.Equal(items.Count(item => item.Color == "red"), deleted.DeletedCount);
        Assert.Equal(
            items.Where(item => item.Color != "red").Select(item => item.Id), await ScrollAllAsync(silos, null, limit: 1000));
        await TestSilos.FailsAsync(
            ErrorCode.InvalidInput,
            () => silos.Grains.Items().DeleteByFilterAsync(new DeleteByFilter { Collection = "c", Filter = new() }, Token));
    }

    [Theory]
    [InlineData("[]", "filter is an array; must be an object.")]
    [InlineData("""{"any":[]}""", "filter.any is unknown; a filter has must, should and mustNot.")]
    [InlineData("""{"must":[{"field":"a"}]}""", "filter.must[0] has none of match, in, range, exists (true or false).")]
    [InlineData("""{"must":[{"match":"a"}]}""",
        "filter.must[0] has no field; a condition is a field with match, in, range or exists, or an id list, or a clause.")]
    [InlineData("""{"must":[{"field":"a","match":{}}]}""",
        "filter.must[0].match is an object; must be a string, a number, true or false.")]
    [InlineData("""{"must":[{"field":"a","range":{"above":1}}]}""",
        "filter.must[0].range.above is unknown; a range has gt, gte, lt and lte.")]
    [InlineData("""{"must":[{"field":"a","match":1,"in":[]}]}""", "filter.must[0].in does not belong there.")]
    public void Parse_WrongFilters_AreRefusedByPlace(string json, string message)
    {
        ClusterException exception = Assert.Throws<ClusterException>(() => FilterJson.Parse(JsonDocument.Parse(json).RootElement));
        Assert.Equal((ErrorCode.InvalidInput, message), (exception.Code, exception.Message));
    }

    private static async Task<Item[]> FillAsync(TestSilos silos)
    {
        await silos.Grains.Collections().CreateAsync(new CreateCollection { Name = "c", Dimension = 8, Shards = 3 }, Token);
        Random random = new(11);
        Item[] items = [.. Enumerable.Range(0, ItemCount).Select(i => new Item(
            $"i{i:D3}", Colors[random.Next(3)], random.Next(10), random.Next(2) == 0, random.Next(3) == 0 ? null : random.Next(2) == 0 ? "北京" : "上海",
            [.. Enumerable.Range(0, random.Next(4)).Select(_ => $"t{random.Next(4)}")]))];
        ItemOutcome[] outcomes = await silos.Grains.Ingest().PutAsync(
            new PutItems
            {
                Collection = "c",
                Items = [.. items.Select((item, i) => new PutItem { Id = item.Id, Vector = Vector(i), Payload = item.ToJson() })],
            },
            Token);
        Assert.All(outcomes, outcome => Assert.True(outcome.Status == ItemStatus.Created, outcome.Error?.Message));
        return items;
    }

    private static async Task<string[]> ScrollAllAsync(TestSilos silos, FilterClause? filter, int limit)
    {
        List<string> ids = [];
        string? cursor = null;
        do
        {
            ScrollPage page = await silos.Grains.Items().ScrollAsync(
                new ScrollQuery { Collection = "c", Limit = limit, Cursor = cursor, Filter = filter }, Token);
            ids.AddRange(page.Items.Select(item => item.Id));
            cursor = page.NextCursor;
        }
        while (cursor is not null);
        return [.. ids];
    }

    private static EmbeddingVector Vector(int seed)
    {
        Random random = new(seed);
        return EmbeddingVector.From([.. Enumerable.Range(0, 8).Select(_ => (float)(random.NextDouble() - 0.5))]);
    }

    private sealed record Item(string Id, string Color, int Size, bool Sold, string? City, string[] Tags)
    {
        public ReadOnlyMemory<byte> ToJson() => Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new
        {
            color = Color,
            size = Size,
            sold = Sold,
            tags = Tags,
            maker = City is null ? null : new { city = City },
        }));
    }
}
