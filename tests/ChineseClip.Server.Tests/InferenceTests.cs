using System.Text.Json;
using SkiaSharp;

namespace ChineseClip.Server.Tests;

public sealed class InferenceTests(RunningServer server)
{
    private static readonly string Red = TestPictures.Base64(TestPictures.Png(SKColors.Red));
    private static readonly string Blue = TestPictures.Base64(TestPictures.Png(SKColors.Blue));

    [Fact]
    public async Task Embeddings_TextsAndPictures_AreUnitVectorsInInputOrder()
    {
        JsonElement both = await server.JsonAsync(
            HttpMethod.Post,
            "/v1/embeddings",
            $$"""{"model":"tiny","texts":["鱼","鸟"],"images":[{"base64":"{{Red}}"},{"base64":"{{Blue}}"}]}""");
        JsonElement second = await server.JsonAsync(HttpMethod.Post, "/v1/embeddings", """{"model":"tiny","texts":["鸟"]}""");

        int dimension = both.GetProperty("dimension").GetInt32();
        float[][] texts = Rows(both.GetProperty("textEmbeddings"));
        float[][] images = Rows(both.GetProperty("imageEmbeddings"));
        Assert.All(texts.Concat(images), row => Assert.Equal(dimension, row.Length));
        Assert.All(texts.Concat(images), row => Assert.Equal(1, Math.Sqrt(row.Sum(x => (double)x * x)), 1e-4));
        float[] alone = Rows(second.GetProperty("textEmbeddings")).Single();
        Assert.Equal(1, alone.Zip(texts[1], (a, b) => (double)a * b).Sum(), 1e-4);
        Assert.False(second.TryGetProperty("imageEmbeddings", out _));
    }

    [Fact]
    public async Task Similarity_EqualsEmbeddingsTimesTheScale()
    {
        string images = $$"""[{"base64":"{{Red}}"},{"base64":"{{Blue}}"}]""";
        JsonElement answer = await server.JsonAsync(
            HttpMethod.Post, "/v1/similarity", $$"""{"model":"tiny","images":{{images}},"texts":["鱼","鸟","树"]}""");
        JsonElement embeddings = await server.JsonAsync(
            HttpMethod.Post, "/v1/embeddings", $$"""{"model":"tiny","images":{{images}},"texts":["鱼","鸟","树"]}""");

        float[][] logits = Rows(answer.GetProperty("logitsPerImage"));
        float[][] turned = Rows(answer.GetProperty("logitsPerText"));
        float scale = answer.GetProperty("logitScale").GetSingle();
        float[][] texts = Rows(embeddings.GetProperty("textEmbeddings"));
        float[][] pictures = Rows(embeddings.GetProperty("imageEmbeddings"));
        for (int i = 0; i < pictures.Length; i++)
        {
            for (int t = 0; t < texts.Length; t++)
            {
                Assert.Equal(scale * pictures[i].Zip(texts[t], (a, b) => a * b).Sum(), logits[i][t], 1e-2f);
                Assert.Equal(logits[i][t], turned[t][i]);
            }
        }

        Assert.All(Rows(answer.GetProperty("probabilities")), row => Assert.Equal(1, row.Sum(), 1e-4f));
    }

    [Fact]
    public async Task Classify_LabelsOfOnePicture_AreSortedAndSumToOne()
    {
        JsonElement answer = await server.JsonAsync(
            HttpMethod.Post,
            "/v1/classify",
            $$"""{"model":"tiny","images":[{"base64":"{{Red}}"}],"labels":["鱼","鸟","树"],"template":"{}"}""");

        JsonElement[] labels = [.. answer.GetProperty("results")[0].GetProperty("labels").EnumerateArray()];
        float[] probabilities = [.. labels.Select(label => label.GetProperty("probability").GetSingle())];
        Assert.Equal(new HashSet<string?> { "鱼", "鸟", "树" }, labels.Select(label => label.GetProperty("label").GetString()).ToHashSet());
        Assert.Equal(probabilities.OrderDescending(), probabilities);
        Assert.Equal(1, probabilities.Sum(), 1e-4f);
    }

    [Fact]
    public async Task Models_TheConfiguredOne_IsDescribed()
    {
        JsonElement models = await server.JsonAsync(HttpMethod.Get, "/v1/models");

        JsonElement model = Assert.Single(models.GetProperty("models").EnumerateArray());
        Assert.Equal("tiny", model.GetProperty("name").GetString());
        Assert.Equal("available", model.GetProperty("state").GetString());
        Assert.Equal("fp32", model.GetProperty("precision").GetString());
        Assert.True(model.GetProperty("dimension").GetInt32() > 0);
        Assert.Equal(64, model.GetProperty("sha256").GetString()!.Length);
    }

    private static float[][] Rows(JsonElement rows) =>
        [.. rows.EnumerateArray().Select(row => row.EnumerateArray().Select(value => value.GetSingle()).ToArray())];
}
