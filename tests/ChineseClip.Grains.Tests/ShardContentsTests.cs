using System.Text;
using System.Text.Json;
using ChineseClip.Abstractions;
using ChineseClip.Grains.Shards;

namespace ChineseClip.Grains.Tests;

public sealed class ShardContentsTests
{
    private const int Dimension = 8;

    private static CollectionDefinition Definition { get; } = new()
    {
        Name = "c",
        Dimension = Dimension,
        Shards = 1,
        Replicas = 1,
        M = 8,
        EfConstruction = 64,
        Quantization = "sq7",
        CreatedAt = DateTimeOffset.UnixEpoch,
        Incarnation = Guid.Parse("11111111-2222-3333-4444-555555555555"),
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void FilteredCounts_WhileItemsChange_EqualAPlainScan()
    {
        const int Seed = 23;
        Random random = new(Seed);
        using ShardContents contents = new(Definition, 0, epoch: 1);
        Dictionary<string, string?> oracle = new(StringComparer.Ordinal);
        for (int round = 0; round < 60; round++)
        {
            for (int i = 0; i < 20; i++)
            {
                string id = $"{random.Next(120):D3}";
                string? payload = random.Next(5) == 0 ? null : Payload(random);
                bool isDelete = random.Next(4) == 0;
                contents.Apply((round * 20) + i + 1, isDelete ? Delete(id) : Upsert(id, random.Next(), payload));
                if (isDelete)
                {
                    oracle.Remove(id);
                }
                else
                {
                    oracle[id] = payload;
                }
            }

            foreach ((string filter, Func<JsonElement, bool> passes) in Cases)
            {
                string[] expected =
                [
                    .. oracle.Where(item => passes(Parse(item.Value))).Select(item => item.Key).Order(StringComparer.Ordinal),
                ];
                FilterClause clause = FilterJson.Parse(Parse(filter));
                Assert.Equal(expected, contents.FindIds(clause, Token).Order(StringComparer.Ordinal));
            }
        }
    }

    [Fact]
    public void Facets_AnItemWithAValueTwice_CountsItOnce()
    {
        using ShardContents contents = new(Definition, 0, epoch: 1);
        contents.Apply(1, Upsert("a", 1, """{"t":["x","x","y"]}"""));
        contents.Apply(2, Upsert("b", 2, """{"t":"x"}"""));
        contents.Apply(3, Upsert("c", 3, """{"t":{"deep":1}}"""));
        contents.Apply(4, Delete("b"));
        FacetAnswer answer = contents.Facets(new FacetQuery { Collection = "c", Field = "t" }, Token);
        Assert.Equal([("x", 1L), ("y", 1L)], answer.Facets.Select(facet => (facet.Value.Text!, facet.Count)).Order());
        Assert.Equal(2, contents.CountMatching(FilterJson.Parse(Parse("""{"must":[{"field":"t","exists":true}]}""")), Token));
    }

    [Fact]
    public void Filter_OnMoreFieldsThanThereAreColumns_IsRight()
    {
        using ShardContents contents = new(Definition, 0, epoch: 1);
        string[] fields = [.. Enumerable.Range(0, 100).Select(i => $"f{i}")];
        contents.Apply(1, Upsert("all", 1, JsonSerializer.Serialize(fields.ToDictionary(field => field, _ => 1))));
        contents.Apply(2, Upsert("few", 2, """{"f0":1,"f99":1}"""));
        FilterClause every = new() { Must = [.. fields.Select(field => new FieldExists { Field = field })] };
        FilterClause some = new() { Should = [.. fields.Skip(90).Select(field => new FieldExists { Field = field })] };
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(["all"], contents.FindIds(every, Token));
            Assert.Equal(2, contents.CountMatching(some, Token));
        }
    }

    [Fact]
    public void StagedItems_BeforeWhileAndAfterLinking_AreFoundLikeLinkedOnes()
    {
        const int ItemCount = 300;
        using ShardContents contents = new(Definition, 0, epoch: 1);
        for (int i = 0; i < ItemCount; i++)
        {
            ShardWrite write = Upsert($"{i:D3}", i, $$"""{"n":{{i % 7}}}""");
            _ = i < 100 ? contents.Apply(i + 1, write) : contents.Stage(i + 1, write);
        }

        contents.Stage(ItemCount + 1, Upsert("150", 9999, """{"n":50}"""));    // replaces one that is not linked
        contents.Stage(ItemCount + 2, Delete("151"));
        contents.Stage(ItemCount + 3, Upsert("005", 5, """{"n":5}"""));        // replaces one that is
        Assert.Equal(200, contents.UnlinkedCount);
        string[] expected = All(contents);
        Assert.Equal(ItemCount - 1, expected.Length);
        (string, float)[] best = Best(contents, 42);
        int left;
        do
        {
            Assert.Equal(expected, All(contents));
            Assert.Equal(best, Best(contents, 42));
            Assert.Equal(1, contents.CountMatching(FilterJson.Parse(Parse("""{"must":[{"field":"n","match":50}]}""")), Token));
            left = contents.LinkSome(64, threads: 2, Token);
        }
        while (left > 0);
        Assert.Equal(expected, All(contents));
        Assert.Equal(best, Best(contents, 42));
        Assert.Equal(0, contents.UnlinkedCount);
        StoredItem moved = Assert.Single(contents.Get(new GetItems { Collection = "c", Ids = ["200"], WithVector = true }));
        Assert.Equal(Vector(200), moved.Vector);
    }

    private static (string Filter, Func<JsonElement, bool> Passes)[] Cases { get; } =
    [
        ("""{"must":[{"field":"color","match":"red"}]}""", item => Values(item, "color").Contains("\"red\"")),
        ("""{"must":[{"field":"size","range":{"gte":3}}]}""",
            item => Values(item, "size").Any(value => value.Length > 0 && char.IsDigit(value[0]) && value[0] >= '3')),
        ("""{"mustNot":[{"field":"color","in":["red","blue"]}]}""",
            item => !Values(item, "color").Any(value => value is "\"red\"" or "\"blue\"")),
        ("""{"must":[{"field":"size","exists":true},{"field":"color","exists":false}]}""",
            item => Values(item, "size").Length > 0 && Values(item, "color").Length == 0),
        ("""{"should":[{"field":"sold","match":true},{"must":[{"field":"size","match":1},{"field":"color","match":"red"}]}]}""",
            item => Values(item, "sold").Contains("true")
                || (Values(item, "size").Contains("1") && Values(item, "color").Contains("\"red\""))),
    ];

    private static string[] Values(JsonElement item, string field)
    {
        if (item.ValueKind != JsonValueKind.Object || !item.TryGetProperty(field, out JsonElement value))
        {
            return [];
        }

        return value.ValueKind switch
        {
            JsonValueKind.Null => [],
            JsonValueKind.Array => [.. value.EnumerateArray().Select(element => element.GetRawText())],
            _ => [value.GetRawText()],
        };
    }

    private static string Payload(Random random)
    {
        string[] colors = ["red", "green", "blue"];
        Dictionary<string, object?> payload = [];
        if (random.Next(4) > 0)
        {
            payload["color"] = random.Next(3) == 0 ? new[] { colors[random.Next(3)], colors[random.Next(3)] } : colors[random.Next(3)];
        }

        payload["size"] = random.Next(6) switch { 0 => null, 1 => "3", int size => size };
        payload["sold"] = random.Next(2) == 0;
        return JsonSerializer.Serialize(payload);
    }

    private static string[] All(ShardContents contents) =>
        [.. contents.Search(Query(1) with { K = 1000, Ef = 1000 }, Token).Hits.Select(hit => hit.Id).Order(StringComparer.Ordinal)];

    private static (string, float)[] Best(ShardContents contents, int seed) =>
        [.. contents.Search(Query(seed), Token).Hits.Select(hit => (hit.Id, MathF.Round(hit.Score, 5)))];

    private static ShardSearch Query(int seed) =>
        new() { Incarnation = Definition.Incarnation, Vector = Vector(seed), K = 10, Ef = 200, Exact = true };

    private static ShardWrite Upsert(string id, int seed, string? payload) => new()
    {
        OperationId = Guid.NewGuid(),
        Incarnation = Definition.Incarnation,
        Upserts =
        [
            new ShardItem
            {
                Id = id,
                Vector = Vector(seed),
                Payload = payload is null ? default(ReadOnlyMemory<byte>?) : Encoding.UTF8.GetBytes(payload),
            },
        ],
    };

    private static ShardWrite Delete(string id) =>
        new() { OperationId = Guid.NewGuid(), Incarnation = Definition.Incarnation, Deletes = [id] };

    private static EmbeddingVector Vector(int seed)
    {
        Random random = new(seed);
        float[] values = [.. Enumerable.Range(0, Dimension).Select(_ => (float)(random.NextDouble() - 0.5))];
        float norm = MathF.Sqrt(values.Sum(value => value * value));
        return EmbeddingVector.From([.. values.Select(value => value / norm)]);
    }

    private static JsonElement Parse(string? json) => json is null ? default : JsonDocument.Parse(json).RootElement;
}
