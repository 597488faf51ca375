using ChineseClip.Cli.Output;
using ChineseClip.Cli.Running;
using ChineseClip.Demo;

namespace ChineseClip.Cli.DemoRun;

/// <summary>The demo's pictures as files.</summary>
internal static class DemoGallery
{
    /// <summary>How many one thread draws before it reports, which also bounds how late Ctrl-C is heeded.</summary>
    private const int ChunkCount = 25;

    /// <summary>Draws the pictures whose files are missing; a file of an interrupted run cannot be told from a whole one, so then all are.</summary>
    public static async Task DrawAsync(
        CliStreams streams, string directory, IReadOnlyList<DemoPicture> pictures, bool isComplete, CancellationToken cancellationToken)
    {
        DemoPicture[] missing = isComplete
            ? [.. pictures.Where(picture => !File.Exists(Path.Combine(directory, picture.FileName)))]
            : [.. pictures];
        if (missing.Length == 0)
        {
            return;
        }

        await WorkProgress.RunAsync(streams, "Drawing pictures", missing.Length, advance => Parallel.ForEachAsync(
            missing.Chunk(ChunkCount),
            new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount },
            (chunk, token) =>
            {
                DemoPictures.WriteFiles(directory, chunk, token);
                advance(chunk.Length);
                return ValueTask.CompletedTask;
            }));
    }
}
