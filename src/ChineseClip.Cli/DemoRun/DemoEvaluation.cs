using ChineseClip.Cli.Output;
using ChineseClip.Cli.Running;
using ChineseClip.Client;
using ChineseClip.Contracts;
using ChineseClip.Demo.Drawing;
using ChineseClip.Demo.Evaluation;

namespace ChineseClip.Cli.DemoRun;

/// <summary>Recall on pictures never trained on, from embeddings that the server makes.</summary>
internal sealed class DemoEvaluation(IChineseClipClient client, CliStreams streams)
{
    private const int PictureBatch = 32;

    private const int TextBatch = 128;

    private const int Parallelism = 2;

    /// <summary>Short queries for each picture: 200 for the 1,000 of the shipped figures.</summary>
    private const int PicturesPerQuery = 5;

    public async Task<HeldOutResult> RunAsync(int pictureCount, CancellationToken cancellationToken)
    {
        HeldOutSet set = HeldOutSet.Create(pictureCount, Math.Max(1, pictureCount / PicturesPerQuery));
        IReadOnlyList<string> texts = set.Texts;
        float[][] pictureRows = new float[pictureCount][];
        float[][] textRows = new float[texts.Count][];
        await WorkProgress.RunAsync(streams, "Evaluating on held-out pictures", pictureCount + texts.Count, async advance =>
        {
            await ForBatchesAsync(pictureCount, PictureBatch, async (range, token) =>
            {
                IReadOnlyList<ImageSource> images = Draw(set, range);
                EmbeddingsResponse answer = await client.EmbedAsync(new EmbeddingsRequest { Model = DemoCollection.Model, Images = images }, token);
                Store(answer.ImageEmbeddings, pictureRows, range);
                advance(images.Count);
            }, cancellationToken);
            await ForBatchesAsync(texts.Count, TextBatch, async (range, token) =>
            {
                string[] batch = [.. texts.Take(range)];
                EmbeddingsResponse answer = await client.EmbedAsync(new EmbeddingsRequest { Model = DemoCollection.Model, Texts = batch }, token);
                Store(answer.TextEmbeddings, textRows, range);
                advance(batch.Length);
            }, cancellationToken);
        });
        return HeldOutEvaluation.Evaluate(set, pictureRows, _ => textRows);
    }

    private static IReadOnlyList<ImageSource> Draw(HeldOutSet set, Range range)
    {
        using Illustrator illustrator = new();
        return [.. set.Pictures.Take(range).Select(facts => ImageSources.FromBytes(illustrator.DrawFile(facts)))];
    }

    private static void Store(IReadOnlyList<IReadOnlyList<float>>? embeddings, float[][] rows, Range range)
    {
        int start = range.Start.Value;
        int expected = range.End.Value - start;
        if (embeddings?.Count != expected)
        {
            throw new CommandFailedException($"The server gave {embeddings?.Count ?? 0} embeddings for {expected} inputs.");
        }

        for (int i = 0; i < expected; i++)
        {
            rows[start + i] = [.. embeddings[i]];
        }
    }

    private static Task ForBatchesAsync(int count, int batch, Func<Range, CancellationToken, Task> work, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(
            Enumerable.Range(0, (count + batch - 1) / batch),
            new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Parallelism },
            async (i, token) => await work((i * batch)..Math.Min((i + 1) * batch, count), token));
}
