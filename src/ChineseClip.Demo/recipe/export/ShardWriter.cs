using ChineseClip.Demo.Drawing;
using ChineseClip.Demo.Facts;

namespace ChineseClip.Demo.Export;

/// <summary>Writes shards of reduced pictures and their metadata; a `.u8` that exists is complete, and so is its `.jsonl`.</summary>
internal static class ShardWriter
{
    public static void WriteAll(ExportOptions options)
    {
        var directory = options.Out!;
        Directory.CreateDirectory(directory);
        Publish(Path.Combine(directory, "catalog.json"), PictureJson.WriteCatalog);
        var source = new PictureFactsSource(options.Seed, options.Split, options.Curriculum);
        var shardCount = (options.Count + options.Shard - 1) / options.Shard;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Threads };
        Parallel.For(0, shardCount, parallel, shard =>
        {
            var first = options.From + (shard * options.Shard);
            var count = Math.Min(options.Shard, options.From + options.Count - first);
            Write(directory, shard, source, first, count, options.Size);
        });
    }

    private static void Write(string directory, int shard, PictureFactsSource source, int first, int count, int size)
    {
        var name = Path.Combine(directory, $"shard-{shard:D6}");
        Publish(name + ".jsonl", stream =>
        {
            for (var i = first; i < first + count; i++)
            {
                PictureJson.WriteLine(stream, source[i]);
            }
        });
        Publish(name + ".u8", stream =>
        {
            using var illustrator = new Illustrator();
            for (var i = first; i < first + count; i++)
            {
                stream.Write(ModelView.Of(illustrator, source[i], size).Pixels);
            }
        });
    }

    private static void Publish(string path, Action<Stream> write)
    {
        var draft = path + ".tmp";
        using (var stream = new BufferedStream(File.Create(draft), 1 << 20))
        {
            write(stream);
        }

        File.Move(draft, path, overwrite: true);
    }
}
