using Microsoft.Extensions.AI;

namespace ChineseClip.Model.Tests.Inference;

/// <summary>The Microsoft.Extensions.AI adapters give what the model gives, and refuse what it cannot.</summary>
public sealed class EmbeddingGeneratorTests(TinyModelFixture fixture) : IClassFixture<TinyModelFixture>
{
    private const int Dimension = 32;

    [Fact]
    public async Task GenerateAsync_GoldenTexts_EqualReference()
    {
        using var generator = new TextEmbeddingGenerator(ModelPackage.Open(fixture.Package()));
        double[] expected = GoldenFiles.TinyOutputs["f64.text_embeds"].AsDouble();

        GeneratedEmbeddings<Embedding<float>> embeddings = await generator.GenerateAsync(
            ["", "猫", "狗", "一只红色的猫"], cancellationToken: TestContext.Current.CancellationToken);

        float[] rows = [.. embeddings.SelectMany(e => e.Vector.ToArray())];
        Assert.Equal(4 * Dimension, rows.Length);
        Assert.True(rows.Zip(expected, (a, e) => Math.Abs(a - e)).Max() < 1e-5);
        Assert.Equal(2 + 3 + 3 + 8, embeddings.Usage!.InputTokenCount);
        Assert.All(embeddings, e => Assert.Equal("tiny-hf", e.ModelId));
    }

    [Fact]
    public async Task GenerateAsync_MoreThanABatch_KeepsOrder()
    {
        using var model = ChineseClipModel.Load(fixture.Package());
        using IEmbeddingGenerator<string, Embedding<float>> generator = new TextEmbeddingGenerator(model.Package);
        string[] texts = [.. Enumerable.Range(0, 70).Select(i => new string('猫', (i * 7 % 20) + 1) + i)];

        GeneratedEmbeddings<Embedding<float>> embeddings =
            await generator.GenerateAsync(texts, cancellationToken: TestContext.Current.CancellationToken);

        float[][] expected = model.GetTextFeatures(texts);
        Assert.Equal(texts.Length, embeddings.Count);
        Assert.All(expected.Zip(embeddings), pair =>
            Assert.True(pair.First.Zip(pair.Second.Vector.ToArray(), (a, b) => Math.Abs(a - b)).Max() < 1e-5));
    }

    [Fact]
    public async Task GenerateAsync_PictureFiles_EqualsModel()
    {
        using var model = ChineseClipModel.Load(fixture.Package());
        using var generator = new ImageEmbeddingGenerator(model.Package);
        string[] names = ["jpeg_q90_320x240.jpg", "rgba_90x70.png"];
        byte[][] files = [.. names.Select(n => File.ReadAllBytes(Path.Combine(GoldenFiles.Root, "images", "src", n)))];

        GeneratedEmbeddings<Embedding<float>> embeddings = await generator.GenerateAsync(
            [new DataContent(files[0], "image/jpeg"), new DataContent(files[1], "image/png")],
            cancellationToken: TestContext.Current.CancellationToken);

        float[][] expected = model.GetImageFeatures([.. files.Select((f, i) => ImageDecoder.Decode(f, names[i]))]);
        Assert.Equal(expected[0], embeddings[0].Vector.ToArray());
        Assert.Equal(expected[1], embeddings[1].Vector.ToArray());
    }

    [Fact]
    public async Task GenerateAsync_UnmeetableRequest_NamesValueAndBound()
    {
        ModelPackage package = ModelPackage.Open(fixture.Package());
        using var texts = new TextEmbeddingGenerator(package);
        using var images = new ImageEmbeddingGenerator(package);
        CancellationToken ct = TestContext.Current.CancellationToken;

        await AssertRefused(() => texts.GenerateAsync(["猫"], new EmbeddingGenerationOptions { Dimensions = 64 }, ct), "64; the model gives 32");
        await AssertRefused(() => texts.GenerateAsync(["猫"], new EmbeddingGenerationOptions { ModelId = "other" }, ct), "\"other\"");
        await AssertRefused(() => texts.GenerateAsync(["猫", null!], null, ct), "values[1] is null");
        await AssertRefused(() => images.GenerateAsync([new DataContent(new byte[] { 1 }, "audio/wav")], null, ct), "values[0] has the media type \"audio/wav\"");
        var error = await Assert.ThrowsAsync<ImageInputException>(
            () => images.GenerateAsync([new DataContent(new byte[] { 1, 2 }, "image/png") { Name = "broken.png" }], null, ct));
        Assert.Contains("broken.png", error.Message, StringComparison.Ordinal);

        static async Task AssertRefused(Func<Task> action, string part) =>
            Assert.Contains(part, (await Assert.ThrowsAsync<ArgumentException>(action)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GenerateAsync_Cancelled_Throws()
    {
        using var generator = new TextEmbeddingGenerator(ModelPackage.Open(fixture.Package()));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => generator.GenerateAsync(["猫"], cancellationToken: new CancellationToken(canceled: true)));
    }

    [Fact]
    public void GetService_Metadata_TellsModel()
    {
        using var generator = new TextEmbeddingGenerator(ModelPackage.Open(fixture.Package()));

        var metadata = (EmbeddingGeneratorMetadata?)generator.GetService(typeof(EmbeddingGeneratorMetadata));

        Assert.Equal(("tiny-hf", Dimension), (metadata?.DefaultModelId, metadata?.DefaultModelDimensions));
        Assert.Same(generator, generator.GetService(typeof(IEmbeddingGenerator)));
        Assert.NotNull(generator.GetService(typeof(ModelManifest)));
        Assert.Null(generator.GetService(typeof(string)));
        Assert.Null(generator.GetService(typeof(EmbeddingGeneratorMetadata), "key"));
    }

    [Fact]
    public void Model_ReferencesNoHostingAssembly() =>
        Assert.DoesNotContain(typeof(TextEmbeddingGenerator).Assembly.GetReferencedAssemblies(), reference =>
            reference.Name!.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal)
            && reference.Name != "Microsoft.Extensions.AI.Abstractions");
}
