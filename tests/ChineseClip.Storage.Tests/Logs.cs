using System.Text;
using ChineseClip.Storage.Files;

namespace ChineseClip.Storage.Tests;

/// <summary>Shorthand for tests of logs.</summary>
internal static class Logs
{
    public const string Root = "/data";

    public const string Shard = "演示/3";

    /// <summary>The directory of <see cref="Shard"/>.</summary>
    public static string ShardDirectory { get; } = $"{Root}/shards/{StoredName.ToFileName(Shard, "shard")}";

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public static FileShardStorage Open(IFileSystem fileSystem, long segmentBytes = 64 << 20) =>
        FileShardStorage.Open(new FileStorageOptions { Directory = Root, SegmentBytes = segmentBytes }, fileSystem);

    public static ReadOnlyMemory<byte> Body(string text) => Encoding.UTF8.GetBytes(text);

    public static Task<long> AppendAsync(this IShardLog log, params string[] texts) =>
        log.AppendAsync([.. texts.Select(Body)], Token);

    public static async Task<List<string>> ReadTextsAsync(this IShardLog log, long afterLsn = 0)
    {
        List<string> texts = [];
        long lsn = afterLsn;
        await foreach (LogRecord record in log.ReadAsync(afterLsn, Token))
        {
            Assert.Equal(++lsn, record.Lsn);
            texts.Add(Encoding.UTF8.GetString(record.Body.Span));
        }

        return texts;
    }
}
