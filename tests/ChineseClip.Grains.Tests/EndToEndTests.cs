using System.Text;
using ChineseClip.Abstractions;
using ChineseClip.Grains.Tests.Fakes;
using ChineseClip.Storage;

namespace ChineseClip.Grains.Tests;

public sealed class EndToEndTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PutSearchDeleteGet_ThenRestart_TheSameItemsAndHits()
    {
        await using TestSilos silos = await TestSilos.StartAsync();
        CollectionDefinition created = await CreateAsync(silos, shards: 3);
        Assert.Equal(("fake-1", FakeModel.Dimension), (created.ModelSha256, created.Dimension));

        ItemOutcome[] outcomes = await silos.Grains.Ingest().PutAsync(
            new PutItems
            {
                Collection = "图集",
                Items =
                [
                    new PutItem { Id = "text", Text = "红色的鱼", Payload = Json("""{"color":"red"}""") },
                    new PutItem { Id = "image", Image = Encoding.UTF8.GetBytes("蓝色的鸟") },
                    new PutItem { Id = "vector", Vector = EmbeddingVector.From(Scaled(FakeModel.Embed("月亮"), 7)) },
                ],
            },
            Token);
        Assert.All(outcomes, outcome => Assert.Equal((ItemStatus.Created, null), (outcome.Status, outcome.Error)));

        SearchAnswer byText = await SearchAsync(silos, new SearchQuery { Collection = "图集", Text = "蓝色的鸟", WithVector = true });
        Assert.Equal(("image", 3, 3), (byText.Hits[0].Id, byText.ShardsAsked, byText.ShardsAnswered));
        Assert.Equal(1f, byText.Hits[0].Score, 1e-4f);
        Assert.Equal(3, byText.Hits.Length);
        SearchAnswer byVector = await SearchAsync(
            silos, new SearchQuery { Collection = "图集", Vector = EmbeddingVector.From(FakeModel.Embed("月亮")), Exact = true });
        Assert.Equal("vector", byVector.Hits[0].Id);
        SearchAnswer byImage = await SearchAsync(
            silos, new SearchQuery { Collection = "图集", Image = Encoding.UTF8.GetBytes("红色的鱼"), K = 1 });
        Assert.Equal("text", Assert.Single(byImage.Hits).Id);
        Assert.Equal("""{"color":"red"}""", Encoding.UTF8.GetString(byImage.Hits[0].Payload!.Value.Span));
        SearchAnswer byId = await SearchAsync(silos, new SearchQuery { Collection = "图集", Id = "text" });
        Assert.DoesNotContain("text", byId.Hits.Select(hit => hit.Id));

        // An update replaces, a delete removes, and both are seen at once.
        ItemOutcome[] updated = await silos.Grains.Ingest().PutAsync(
            new PutItems { Collection = "图集", Items = [new PutItem { Id = "text", Text = "绿色的山" }] }, Token);
        Assert.Equal(ItemStatus.Updated, updated[0].Status);
        DeleteAnswer deleted = await silos.Grains.Items().DeleteAsync(
            new DeleteItems { Collection = "图集", Ids = ["vector", "absent"] }, Token);
        Assert.Equal(["vector"], deleted.DeletedIds);
        SearchAnswer before = await SearchAsync(silos, new SearchQuery { Collection = "图集", Text = "绿色的山" });
        Assert.Equal(["text", "image"], before.Hits.Select(hit => hit.Id));
        Assert.Null(before.Hits[0].Payload);

        await silos.RestartAsync();

        SearchAnswer after = await SearchAsync(silos, new SearchQuery { Collection = "图集", Text = "绿色的山" });
        Assert.Equal(before.Hits.Select(hit => (hit.Id, hit.Score)), after.Hits.Select(hit => (hit.Id, hit.Score)));
        Assert.All(after.Hits, hit => Assert.Equal(2, hit.Epoch));
        Assert.Equal(2, await silos.Grains.Items().CountAsync(new CountQuery { Collection = "图集" }, Token));
        StoredItem[] items = await silos.Grains.Items().GetAsync(
            new GetItems { Collection = "图集", Ids = ["vector", "image"] }, Token);
        Assert.Equal("image", Assert.Single(items).Id);
    }

    [Fact]
    public async Task Put_BadItems_FailAloneAndSayWhy()
    {
        await using TestSilos silos = await TestSilos.StartAsync();
        await CreateAsync(silos, shards: 2);
        float[] notFinite = FakeModel.Embed("x");
        notFinite[3] = float.NaN;
        PutItem[] items =
        [
            new() { Id = "good", Text = "好" },
            new() { Id = "empty-text", Text = " " },
            new() { Id = "long-text", Text = new string('长', 10_000) },
            new() { Id = "bad-picture", Image = Array.Empty<byte>() },
            new() { Id = "large-picture", Image = new byte[4096] },
            new() { Id = "short-vector", Vector = EmbeddingVector.From([1, 0]) },
            new() { Id = "nan", Vector = EmbeddingVector.From(notFinite) },
            new() { Id = "zero", Vector = EmbeddingVector.From(new float[FakeModel.Dimension]) },
            new() { Id = "nothing" },
            new() { Id = "two", Text = "a", Vector = EmbeddingVector.From([1]) },
            new() { Id = "payload", Text = "a", Payload = Json("[1]") },
            new() { Id = "not-json", Text = "a", Payload = Json("{") },
            new() { Id = new string('i', 513), Text = "a" },
            new() { Id = "", Text = "a" },
        ];

        ItemOutcome[] outcomes = await silos.Grains.Ingest().PutAsync(new PutItems { Collection = "图集", Items = items }, Token);

        Assert.Equal(items.Select(item => item.Id), outcomes.Select(outcome => outcome.Id));
        Assert.Equal(ItemStatus.Created, outcomes[0].Status);
        Assert.All(outcomes[1..], outcome => Assert.Equal(ItemStatus.Failed, outcome.Status));
        ErrorCode CodeOf(string id) => outcomes.Single(outcome => outcome.Id == id).Error!.Code;
        string MessageOf(string id) => outcomes.Single(outcome => outcome.Id == id).Error!.Message;
        Assert.Equal(ErrorCode.InvalidInput, CodeOf("empty-text"));
        Assert.Equal("text has 10000 characters; must be 1..8192.", MessageOf("long-text"));
        Assert.Equal(ErrorCode.InvalidInput, CodeOf("bad-picture"));
        Assert.Contains("bad-picture", MessageOf("bad-picture"), StringComparison.Ordinal);
        Assert.Equal(ErrorCode.TooLarge, CodeOf("large-picture"));
        Assert.Equal(ErrorCode.DimensionMismatch, CodeOf("short-vector"));
        Assert.Equal("vector[3] is NaN; must be finite.", MessageOf("nan"));
        Assert.Equal(ErrorCode.InvalidInput, CodeOf("zero"));
        Assert.Equal(ErrorCode.InvalidInput, CodeOf("nothing"));
        Assert.Equal(ErrorCode.InvalidInput, CodeOf("two"));
        Assert.Equal(ErrorCode.InvalidInput, CodeOf("payload"));
        Assert.Equal(ErrorCode.InvalidInput, CodeOf("not-json"));
        Assert.Equal(1, await silos.Grains.Items().CountAsync(new CountQuery { Collection = "图集" }, Token));
    }

    [Fact]
    public async Task Search_BadQueries_AreRefusedByName()
    {
        await using TestSilos silos = await TestSilos.StartAsync();
        await CreateAsync(silos, shards: 1);
        SearchQuery query = new() { Collection = "图集", Text = "鱼" };

        await TestSilos.FailsAsync(ErrorCode.NotFound, () => SearchAsync(silos, query with { Collection = "absent" }));
        await TestSilos.FailsAsync(ErrorCode.NotFound, () => SearchAsync(silos, query with { Text = null, Id = "absent" }));
        await TestSilos.FailsAsync(ErrorCode.InvalidInput, () => SearchAsync(silos, query with { Text = "" }));
        await TestSilos.FailsAsync(ErrorCode.InvalidInput, () => SearchAsync(silos, query with { Id = "two" }));
        await TestSilos.FailsAsync(ErrorCode.InvalidInput, () => SearchAsync(silos, query with { K = 0 }));
        await TestSilos.FailsAsync(ErrorCode.InvalidInput, () => SearchAsync(silos, query with { K = 1001 }));
        await TestSilos.FailsAsync(ErrorCode.InvalidInput, () => SearchAsync(silos, query with { Ef = 5 }));
        await TestSilos.FailsAsync(ErrorCode.InvalidInput, () => SearchAsync(silos, query with { MinScore = float.NaN }));
        await TestSilos.FailsAsync(
            ErrorCode.DimensionMismatch,
            () => SearchAsync(silos, query with { Text = null, Vector = EmbeddingVector.From([1f, 0f]) }));
        await TestSilos.FailsAsync(
            ErrorCode.DimensionMismatch,
            () => SearchAsync(silos, query with
            {
                Text = null,
                Vector = EmbeddingVector.From(FakeModel.Embed("a")),
                ExpectedModelSha256 = "another",
            }));
        Assert.Empty((await SearchAsync(silos, query)).Hits);
    }

    [Fact]
    public async Task Collections_CreatedDeletedAndCreatedAnew_StartEmpty()
    {
        await using TestSilos silos = await TestSilos.StartAsync();
        ICollectionsGrain collections = silos.Grains.Collections();
        CreateCollection request = new() { Name = "图集", Model = FakeModel.ModelName, Shards = 2 };
        await collections.CreateAsync(request, Token);
        await TestSilos.FailsAsync(ErrorCode.Conflict, () => collections.CreateAsync(request, Token));
        await TestSilos.FailsAsync(ErrorCode.NotFound, () => collections.CreateAsync(request with { Name = "b", Model = "no" }, Token));
        await TestSilos.FailsAsync(
            ErrorCode.DimensionMismatch, () => collections.CreateAsync(request with { Name = "b", Dimension = 3 }, Token));
        foreach (CreateCollection bad in new[]
        {
            request with { Name = "a/b" },
            request with { Name = "-a" },
            request with { Name = "" },
            request with { Name = new string('a', 65) },
            request with { Name = "b", Shards = 0 },
            request with { Name = "b", Shards = 257 },
            request with { Name = "b", Replicas = 2 },
            request with { Name = "b", M = 1 },
            request with { Name = "b", EfConstruction = 1 },
            request with { Name = "b", Quantization = "sq9" },
            request with { Name = "b", Model = null },
        })
        {
            await TestSilos.FailsAsync(ErrorCode.InvalidInput, () => collections.CreateAsync(bad, Token));
        }

        await collections.CreateAsync(request with { Name = "coded", Quantization = "sq7" }, Token);
        await collections.DeleteAsync("coded", Token);
        await PutTextsAsync(silos, "a", "b", "c");
        CollectionDescription description = await collections.DescribeAsync("图集", Token);
        Assert.Equal((3L, CollectionStatus.Ready), (description.ItemCount, description.Status));

        await collections.DeleteAsync("图集", Token);
        Assert.Empty(await collections.ListAsync(Token));
        await TestSilos.FailsAsync(ErrorCode.NotFound, () => collections.DeleteAsync("图集", Token));
        await TestSilos.FailsAsync(
            ErrorCode.NotFound, () => SearchAsync(silos, new SearchQuery { Collection = "图集", Text = "a" }));

        // The gateway still knows the old definition; the write must reach the new collection all the same.
        await collections.CreateAsync(request, Token);
        await PutTextsAsync(silos, "d");
        SearchAnswer answer = await SearchAsync(silos, new SearchQuery { Collection = "图集", Text = "d" });
        Assert.Equal(["d"], answer.Hits.Select(hit => hit.Id));
        await silos.RestartAsync();
        Assert.Equal(1, await silos.Grains.Items().CountAsync(new CountQuery { Collection = "图集" }, Token));
    }

    [Fact]
    public async Task Alias_Switched_EveryCallGoesToTheOtherCollectionAtOnce()
    {
        await using TestSilos silos = await TestSilos.StartAsync();
        ICollectionsGrain collections = silos.Grains.Collections();
        foreach (string name in new[] { "old", "new" })
        {
            await collections.CreateAsync(new CreateCollection { Name = name, Model = FakeModel.ModelName, Shards = 2 }, Token);
            ItemOutcome[] outcomes = await silos.Grains.Ingest().PutAsync(
                new PutItems { Collection = name, Items = [new PutItem { Id = $"in {name}", Text = name }] }, Token);
            Assert.Equal(ItemStatus.Created, outcomes[0].Status);
        }

        await collections.SetAliasAsync(new AliasDescription { Alias = "current", Collection = "old" }, Token);
        SearchQuery query = new() { Collection = "current", Text = "鱼" };
        Assert.Equal("in old", (await SearchAsync(silos, query)).Hits[0].Id);

        await collections.SetAliasAsync(new AliasDescription { Alias = "current", Collection = "new" }, Token);

        Assert.Equal("in new", (await SearchAsync(silos, query)).Hits[0].Id);
        await silos.Grains.Ingest().PutAsync(
            new PutItems { Collection = "current", Items = [new PutItem { Id = "more", Text = "a" }] }, Token);
        Assert.Equal(2, await silos.Grains.Items().CountAsync(new CountQuery { Collection = "new" }, Token));
        CollectionDescription described = await collections.DescribeAsync("current", Token);
        Assert.Equal(("new", "current"), (described.Definition.Name, Assert.Single(described.Aliases)));
        await TestSilos.FailsAsync(
            ErrorCode.Conflict, () => collections.CreateAsync(new CreateCollection { Name = "current", Dimension = 4 }, Token));
        await TestSilos.FailsAsync(ErrorCode.Conflict, () => collections.DeleteAsync("current", Token));
        await TestSilos.FailsAsync(ErrorCode.Conflict, () => collections.DeleteAsync("new", Token));
        await TestSilos.FailsAsync(
            ErrorCode.Conflict, () => collections.SetAliasAsync(new AliasDescription { Alias = "old", Collection = "new" }, Token));
        await TestSilos.FailsAsync(
            ErrorCode.NotFound, () => collections.SetAliasAsync(new AliasDescription { Alias = "x", Collection = "current" }, Token));
        await silos.RestartAsync();
        Assert.Equal(2, (await SearchAsync(silos, query)).Hits.Length);

        collections = silos.Grains.Collections();
        await collections.DeleteAliasAsync("current", Token);
        await TestSilos.FailsAsync(ErrorCode.NotFound, () => SearchAsync(silos, query));
        await TestSilos.FailsAsync(ErrorCode.NotFound, () => collections.DeleteAliasAsync("current", Token));
        await collections.DeleteAsync("new", Token);
    }

    [Fact]
    public async Task Search_AShardThatDoesNotOpen_IsAnErrorOrAPartialAnswer()
    {
        FaultyStorage storage = null!;
        await using TestSilos silos = await TestSilos.StartAsync(wrap: inner => storage = new FaultyStorage(inner)
        {
            RefusesOpen = storage?.RefusesOpen ?? (_ => false),
        });
        await CreateAsync(silos, shards: 2);
        await PutTextsAsync(silos, [.. Enumerable.Range(0, 20).Select(i => $"text {i}")]);
        storage.RefusesOpen = key => key.EndsWith("/1", StringComparison.Ordinal);
        await silos.RestartAsync();
        SearchQuery query = new() { Collection = "图集", Text = "text", K = 20 };

        Assert.False((await silos.Grains.Cluster().ReadinessAsync(["gateway"], Token)).IsReady);
        ClusterException error = await TestSilos.FailsAsync(ErrorCode.ShardUnavailable, () => SearchAsync(silos, query));
        Assert.True(error.IsTransient);
        SearchAnswer partial = await SearchAsync(silos, query with { AllowPartial = true });
        Assert.Equal((2, 1), (partial.ShardsAsked, partial.ShardsAnswered));
        Assert.All(partial.Hits, hit => Assert.Equal(0, hit.Shard));

        storage.RefusesOpen = _ => false;
        SearchAnswer whole = await SearchAsync(silos, query);
        Assert.Equal(20, whole.Hits.Length);
        Assert.True((await silos.Grains.Cluster().ReadinessAsync(["gateway"], Token)).IsReady);
    }

    [Fact]
    public async Task Cluster_ACollectionIsBeingCreated_StaysReady()
    {
        TaskCompletionSource opening = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource released = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestSilos silos = await TestSilos.StartAsync(wrap: inner => new FaultyStorage(inner)
        {
            BeforeOpen = _ =>
            {
                opening.TrySetResult();
                return released.Task;
            },
        });
        Task creation = CreateAsync(silos, shards: 2);
        await opening.Task.WaitAsync(TimeSpan.FromMinutes(1), Token);

        ClusterReadiness readiness = await silos.Grains.Cluster().ReadinessAsync(["gateway"], Token);
        CollectionDescription description = await silos.Grains.Collections().DescribeAsync("图集", Token);
        released.SetResult();
        await creation.WaitAsync(TimeSpan.FromMinutes(1), Token);

        Assert.Empty(readiness.Reasons);
        Assert.Equal((true, CollectionStatus.Loading), (description.IsBeingCreated, description.Status));
        Assert.False((await silos.Grains.Collections().DescribeAsync("图集", Token)).IsBeingCreated);
    }

    [Fact]
    public async Task Cluster_AShardIsDamaged_SaysSoAndReadsItOnce()
    {
        int opened = 0;
        await using TestSilos silos = await TestSilos.StartAsync(wrap: inner => new FaultyStorage(inner)
        {
            RefusesOpen = key => key.EndsWith("/1", StringComparison.Ordinal) && Interlocked.Increment(ref opened) > 0
                ? throw new StorageException(StorageError.Corrupt, "The log is damaged at byte 7.")
                : false,
        });
        ClusterException creation = await TestSilos.FailsAsync(ErrorCode.Corrupt, () => CreateAsync(silos, shards: 2));
        ClusterReadiness first = await silos.Grains.Cluster().ReadinessAsync(["gateway"], Token);
        ClusterReadiness second = await silos.Grains.Cluster().ReadinessAsync(["gateway"], Token);

        Assert.Contains("byte 7", creation.Message, StringComparison.Ordinal);
        Assert.Contains("byte 7", Assert.Single(first.Reasons), StringComparison.Ordinal);
        Assert.Contains("byte 7", Assert.Single(second.Reasons), StringComparison.Ordinal);
        Assert.Equal(1, opened);
    }

    [Fact]
    public async Task Recommend_PositiveAndNegative_LeaveTheExamplesOut()
    {
        await using TestSilos silos = await TestSilos.StartAsync();
        await CreateAsync(silos, shards: 2);
        await PutTextsAsync(silos, "红鱼", "红鸟", "蓝鱼", "蓝鸟");
        RecommendQuery query = new() { Collection = "图集", Positive = ["红鱼"], Negative = ["蓝鸟"] };

        SearchAnswer answer = await silos.Grains.Search().RecommendAsync(query, Token);

        Assert.Equal(["红鸟", "蓝鱼"], answer.Hits.Select(hit => hit.Id).Order(StringComparer.Ordinal));
        SearchAnswer near = await silos.Grains.Search().RecommendAsync(query with { Negative = [] }, Token);
        Assert.Equal(3, near.Hits.Length);
        await TestSilos.FailsAsync(
            ErrorCode.NotFound, () => silos.Grains.Search().RecommendAsync(query with { Positive = ["absent"] }, Token));
    }

    [Fact]
    public async Task Batch_OneBadQuery_FailsAlone()
    {
        await using TestSilos silos = await TestSilos.StartAsync();
        await CreateAsync(silos, shards: 1);
        await PutTextsAsync(silos, "鱼");
        SearchQuery good = new() { Collection = "图集", Text = "鱼" };

        SearchOutcome[] outcomes = await silos.Grains.Search().SearchBatchAsync(
            new SearchBatch { Queries = [good, good with { K = 0 }, good] }, Token);

        Assert.Equal("鱼", outcomes[0].Answer!.Hits[0].Id);
        Assert.Equal(ErrorCode.InvalidInput, outcomes[1].Error!.Code);
        Assert.Equal("鱼", outcomes[2].Answer!.Hits[0].Id);
    }

    [Fact]
    public async Task Inference_EmbedSimilarityClassify_AgreeWithTheModel()
    {
        await using TestSilos silos = await TestSilos.StartAsync();
        IInferenceGrain inference = silos.Grains.Inference();
        EmbeddingBatch batch = await inference.EmbedTextsAsync(
            new EmbedTexts { Model = FakeModel.ModelName, Texts = ["鱼", "鸟"] }, Token);
        Assert.Equal(FakeModel.Embed("鸟"), batch.Vectors[1].ToArray());
        NamedImage[] images = [new() { Name = "one", Data = Encoding.UTF8.GetBytes("一张鱼的照片") }];
        ClassifyAnswer classes = await inference.ClassifyAsync(
            new ClassifyQuery { Model = FakeModel.ModelName, Images = images, Labels = ["鸟", "鱼"] }, Token);
        Assert.Equal("鱼", classes.Images[0][0].Label);
        Assert.Equal(1f, classes.Images[0].Sum(label => label.Probability), 1e-5f);
        ClusterException error = await TestSilos.FailsAsync(
            ErrorCode.InvalidInput,
            () => inference.EmbedImagesAsync(
                new EmbedImages { Model = FakeModel.ModelName, Images = [images[0], new() { Name = "bad", Data = default }] }, Token));
        Assert.Equal("images[1]", error.Element);
        await TestSilos.FailsAsync(
            ErrorCode.NotFound, () => inference.EmbedTextsAsync(new EmbedTexts { Model = "no", Texts = ["a"] }, Token));
        Assert.Equal(FakeModel.ModelName, Assert.Single(await inference.ModelsAsync(Token)).Name);
    }

    [Fact]
    public async Task Silos_WithRolesOfTheirOwn_GetTheirGrainsSpreadEvenly()
    {
        await using TestSilos silos = await TestSilos.StartAsync(null, null, null, false, null, "shards", "gateway,inference", "shards");
        await silos.Cluster.WaitForLivenessToStabilizeAsync();
        await CreateAsync(silos, shards: 8);
        await PutTextsAsync(silos, [.. Enumerable.Range(0, 40).Select(i => $"text {i}")]);

        ClusterDescription cluster = await silos.Grains.Cluster().DescribeAsync(Token);

        string[] shardSilos = [.. cluster.Silos.Where(silo => silo.Roles.Contains("shards")).Select(silo => silo.Address)];
        Assert.Equal(2, shardSilos.Length);
        ShardState[] shards = Assert.Single(cluster.Collections).Shards;
        Assert.Equal(40, shards.Sum(shard => shard.ItemCount));
        Assert.All(shardSilos, silo => Assert.Equal(4, shards.Count(shard => shard.Silo == silo)));
        Assert.All(cluster.Encoders, encoder => Assert.DoesNotContain(encoder.Silo, shardSilos));
        Assert.Equal(20, (await SearchAsync(silos, new SearchQuery { Collection = "图集", Text = "text", K = 20 })).Hits.Length);
    }

    private static Task<SearchAnswer> SearchAsync(TestSilos silos, SearchQuery query) =>
        silos.Grains.Search().SearchAsync(query, Token);

    private static Task<CollectionDefinition> CreateAsync(TestSilos silos, int shards) => silos.Grains.Collections().CreateAsync(
        new CreateCollection { Name = "图集", Model = FakeModel.ModelName, Shards = shards }, Token);

    private static async Task PutTextsAsync(TestSilos silos, params string[] texts)
    {
        ItemOutcome[] outcomes = await silos.Grains.Ingest().PutAsync(
            new PutItems { Collection = "图集", Items = [.. texts.Select(text => new PutItem { Id = text, Text = text })] }, Token);
        Assert.All(outcomes, outcome => Assert.True(outcome.Status == ItemStatus.Created, outcome.Error?.Message));
    }

    private static ReadOnlyMemory<byte> Json(string json) => Encoding.UTF8.GetBytes(json);

    private static float[] Scaled(float[] vector, float factor) => [.. vector.Select(value => value * factor)];
}
