using ChineseClip.Storage.Files;

namespace ChineseClip.Storage.Tests;

/// <summary>What was stored is cut or changed between two runs.</summary>
public sealed class LogDamageTests
{
    private static readonly string[] Texts = ["一", "two", "三三三", "four", "last one"];

    /// <summary>As a crash in the middle of a write leaves it: nothing says that the last record was acknowledged.</summary>
    [Fact]
    public async Task OpenLogAsync_CutAtEveryByteOfAnUnacknowledgedRecord_DropsExactlyThatRecord()
    {
        (FaultyFileSystem files, string path, long[] offsets) = await WriteAsync();
        byte[] whole = files.Content(path);
        for (long length = offsets[^1]; length < whole.Length; length++)
        {
            files.Plant(path, whole[..(int)length]);
            Forget(files);
            await using FileShardStorage storage = Logs.Open(files);
            IShardLog log = await storage.OpenLogAsync(Logs.Shard, Logs.Token);
            Assert.Equal(Texts[..^1], await log.ReadTextsAsync());
            Assert.Equal(offsets[^1], files.Content(path).Length);
            Assert.Equal(5, await log.AppendAsync("in its place"));
            Assert.Equal([.. Texts[..^1], "in its place"], await log.ReadTextsAsync());
            await storage.DisposeAsync();
            RestoreLease(files);
        }
    }

    [Fact]
    public async Task OpenLogAsync_CutAtEveryByteOfAnAcknowledgedRecord_IsRefusedWithItsOffset()
    {
        (FaultyFileSystem files, string path, long[] offsets) = await WriteAsync();
        byte[] whole = files.Content(path);
        foreach (int record in new[] { 0, 3, 4 })
        {
            long end = record < 4 ? offsets[record + 1] : whole.Length;
            for (long length = offsets[record]; length < end; length++)
            {
                files.Plant(path, whole[..(int)length]);
                StorageException refusal = await OpenRefusedAsync(files);
                Assert.Equal((path, offsets[record]), (refusal.Path, refusal.Offset));
                Assert.Contains("Records up to 5 had been acknowledged", refusal.Message, StringComparison.Ordinal);
                RestoreLease(files);
            }
        }
    }

    /// <summary>The mark is a help, not a dependency: what is left of it after a power cut never keeps a whole log from opening.</summary>
    [Fact]
    public async Task OpenLogAsync_WatermarkDamagedOrOld_StillOpens()
    {
        (FaultyFileSystem files, _, _) = await WriteAsync();
        string mark = Watermark.PathIn(Logs.ShardDirectory);
        byte[] content = files.Content(mark);
        for (int i = 0; i < content.Length; i++)
        {
            byte[] damaged = [.. content];
            damaged[i] ^= 0x20;
            files.Plant(mark, i % 2 == 0 ? damaged : content[..i]);
            await using FileShardStorage storage = Logs.Open(files);
            IShardLog log = await storage.OpenLogAsync(Logs.Shard, Logs.Token);
            Assert.Equal(Texts, await log.ReadTextsAsync());
        }
    }

    [Fact]
    public async Task OpenLogAsync_EveryByteFlippedWithoutWatermark_DropsTheTailOrNamesTheOffset()
    {
        (FaultyFileSystem files, string path, long[] offsets) = await WriteAsync();
        byte[] whole = files.Content(path);
        int refused = 0;
        for (int i = 0; i < whole.Length; i++)
        {
            byte[] damaged = [.. whole];
            damaged[i] ^= (byte)(1 << (i % 8));
            files.Plant(path, damaged);
            Forget(files);
            await using FileShardStorage storage = Logs.Open(files);
            if (i >= offsets[^1])
            {
                IShardLog log = await storage.OpenLogAsync(Logs.Shard, Logs.Token);
                Assert.Equal(Texts[..^1], await log.ReadTextsAsync());
            }
            else
            {
                StorageException refusal = await Assert.ThrowsAsync<StorageException>(
                    () => storage.OpenLogAsync(Logs.Shard, Logs.Token));
                Assert.Equal((StorageError.Corrupt, path), (refusal.Error, refusal.Path));
                if (i >= offsets[0])
                {
                    Assert.Equal(offsets.Last(offset => offset <= i), refusal.Offset);
                }

                Assert.Equal(damaged, files.Content(path));
                refused++;
            }

            RestoreLease(files);
        }

        Assert.Equal(offsets[^1], refused);
    }

    [Fact]
    public async Task OpenLogAsync_EveryByteFlipped_IsRefusedWithItsOffset()
    {
        (FaultyFileSystem files, string path, long[] offsets) = await WriteAsync();
        byte[] whole = files.Content(path);
        for (int i = 0; i < whole.Length; i++)
        {
            byte[] damaged = [.. whole];
            damaged[i] ^= (byte)(1 << ((i + 3) % 8));
            files.Plant(path, damaged);
            StorageException refusal = await OpenRefusedAsync(files);
            Assert.Equal(path, refusal.Path);
            if (i >= offsets[0])
            {
                Assert.Equal(offsets.Last(offset => offset <= i), refusal.Offset);
            }

            RestoreLease(files);
        }
    }

    /// <summary>A crash may persist the pages of an unacknowledged group in any order: intact records after the hole are no sign of damage.</summary>
    [Fact]
    public async Task OpenLogAsync_HoleInTheLastGroup_DropsTheGroup()
    {
        FaultyFileSystem files = new();
        string path = $"{Logs.ShardDirectory}/{1:D20}.log";
        long hole;
        await using (FileShardStorage storage = Logs.Open(files))
        {
            IShardLog log = await storage.OpenLogAsync(Logs.Shard, Logs.Token);
            await log.AppendAsync("kept");
            hole = files.Content(path).Length;
            await log.AppendAsync("lost", "intact", "intact too");
        }

        byte[] content = files.Content(path);
        content.AsSpan((int)hole, 40).Clear();
        files.Plant(path, content);
        Forget(files);
        await using FileShardStorage reopened = Logs.Open(files);
        IShardLog again = await reopened.OpenLogAsync(Logs.Shard, Logs.Token);
        Assert.Equal(["kept"], await again.ReadTextsAsync());
        Assert.Equal(hole, files.Content(path).Length);
    }

    [Fact]
    public async Task OpenLogAsync_EarlierSegmentCutOrMissing_IsRefused()
    {
        FaultyFileSystem files = new();
        await using (FileShardStorage storage = Logs.Open(files, segmentBytes: 4096))
        {
            IShardLog log = await storage.OpenLogAsync(Logs.Shard, Logs.Token);
            for (int i = 0; i < 40; i++)
            {
                await log.AppendAsync(new string('x', 500));
            }
        }

        string[] segments = [.. files.AllFiles().Where(path => path.EndsWith(".log", StringComparison.Ordinal))];
        Assert.True(segments.Length > 3);
        byte[] second = files.Content(segments[1]);

        files.Plant(segments[1], second[..^1]);
        Assert.Equal(segments[1], (await OpenRefusedAsync(files)).Path);

        files.DeleteFile(segments[1]);
        Assert.Equal(segments[0], (await OpenRefusedAsync(files)).Path);

        files.Plant(segments[1], files.Content(segments[2]));
        Assert.Equal((segments[1], 16L), await PathAndOffsetAsync(files));
    }

    [Fact]
    public async Task OpenLogAsync_LeaseMissingOrDamaged_IsRefused()
    {
        (FaultyFileSystem files, _, _) = await WriteAsync();
        string lease = $"{Logs.ShardDirectory}/LEASE";
        byte[] content = files.Content(lease);
        for (int i = 0; i < content.Length; i++)
        {
            byte[] damaged = [.. content];
            damaged[i] ^= 0x40;
            files.Plant(lease, damaged);
            Assert.Equal(lease, (await OpenRefusedAsync(files)).Path);
        }

        files.DeleteFile(lease);
        Assert.Equal(lease, (await OpenRefusedAsync(files)).Path);
    }

    [Fact]
    public async Task ReadAsync_DamagedWhileOpen_IsRefusedWithTheOffset()
    {
        (FaultyFileSystem files, string path, long[] offsets) = await WriteAsync();
        await using FileShardStorage storage = Logs.Open(files);
        IShardLog log = await storage.OpenLogAsync(Logs.Shard, Logs.Token);
        byte[] damaged = files.Content(path);
        damaged[offsets[2] + 50] ^= 1;
        files.Plant(path, damaged);

        StorageException refusal = await Assert.ThrowsAsync<StorageException>(() => log.ReadTextsAsync());

        Assert.Equal((StorageError.Corrupt, path, offsets[2]), (refusal.Error, refusal.Path, refusal.Offset));
    }

    /// <summary>A log of five records, each appended (and so acknowledged) by itself; with the offset of each.</summary>
    private static async Task<(FaultyFileSystem Files, string Path, long[] Offsets)> WriteAsync()
    {
        FaultyFileSystem files = new();
        string path = $"{Logs.ShardDirectory}/{1:D20}.log";
        List<long> offsets = [];
        await using FileShardStorage storage = Logs.Open(files);
        IShardLog log = await storage.OpenLogAsync(Logs.Shard, Logs.Token);
        foreach (string text in Texts)
        {
            offsets.Add(files.Content(path).Length);
            await log.AppendAsync(text);
        }

        return (files, path, [.. offsets]);
    }

    /// <summary>Takes away what says that the last group was acknowledged.</summary>
    private static void Forget(FaultyFileSystem files) => files.DeleteFile(Watermark.PathIn(Logs.ShardDirectory));

    /// <summary>Epochs rise with every open; the damage under test is to the segment alone.</summary>
    private static void RestoreLease(FaultyFileSystem files) =>
        files.Plant($"{Logs.ShardDirectory}/LEASE", DocumentFormat.Encode(new StoredDocument(Logs.Shard, 1, default)));

    private static async Task<StorageException> OpenRefusedAsync(FaultyFileSystem files)
    {
        await using FileShardStorage storage = Logs.Open(files, segmentBytes: 4096);
        StorageException refusal = await Assert.ThrowsAsync<StorageException>(() => storage.OpenLogAsync(Logs.Shard, Logs.Token));
        Assert.Equal(StorageError.Corrupt, refusal.Error);
        return refusal;
    }

    private static async Task<(string? Path, long? Offset)> PathAndOffsetAsync(FaultyFileSystem files)
    {
        StorageException refusal = await OpenRefusedAsync(files);
        return (refusal.Path, refusal.Offset);
    }
}
