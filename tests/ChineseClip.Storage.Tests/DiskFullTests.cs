using System.Diagnostics;
using ChineseClip.Storage.Files;

namespace ChineseClip.Storage.Tests;

/// <summary>A real file system of 20 MB that is really full. The faulty file system plays the same in <see cref="CrashTests"/>.</summary>
public sealed class DiskFullTests : IAsyncDisposable
{
    private const int RecordBytes = 100_000;

    private readonly string _mount = Directory.CreateTempSubdirectory("chineseclip-full-").FullName;

    private bool _isMounted;

    public async ValueTask DisposeAsync()
    {
        if (_isMounted)
        {
            await RunAsync("umount", _mount);
        }

        Directory.Delete(_mount, recursive: true);
    }

    [Fact]
    public async Task DiskFull_RefusesWritesKeepsReadsAndResumesWhenThereIsSpace()
    {
        await MountAsync();
        FileStorageOptions options = new() { Directory = Path.Combine(_mount, "data"), SegmentBytes = 1 << 20 };
        List<byte[]> acknowledged = [];
        await using (FileShardStorage storage = FileShardStorage.Open(options))
        {
            IShardLog log = await storage.OpenLogAsync("demo/0", Logs.Token);
            StoredDocument document = await storage.Documents.WriteAsync("collections/demo", Logs.Body("kept"), 0, Logs.Token);
            await File.WriteAllBytesAsync(Path.Combine(_mount, "ballast"), new byte[10 << 20], Logs.Token);

            StorageException full = await AppendUntilRefusedAsync(log, acknowledged);
            AssertUnavailable(full);
            Assert.InRange(acknowledged.Count, 50, 110);
            AssertUnavailable(await Assert.ThrowsAsync<StorageException>(() => log.AppendAsync([new byte[10]], Logs.Token)));
            AssertUnavailable(await Assert.ThrowsAsync<StorageException>(
                () => storage.Documents.WriteAsync("collections/demo", new byte[1 << 20], document.Version, Logs.Token)));
            AssertUnavailable(await Assert.ThrowsAsync<StorageException>(async () =>
            {
                string work = await Snapshots.WriteAsync(storage, "demo/0", ("ids", string.Empty));
                await storage.Snapshots.PublishAsync("demo/0", log.Epoch, 1, work, new Dictionary<string, string>(), Logs.Token);
            }));

            await AssertHoldsAsync(log, acknowledged);
            Assert.Equal("kept", System.Text.Encoding.UTF8.GetString(
                (await storage.Documents.ReadAsync("collections/demo", Logs.Token))!.Content.Span));
            Assert.Empty(await storage.Snapshots.ListAsync("demo/0", Logs.Token));

            File.Delete(Path.Combine(_mount, "ballast"));
            log = await storage.OpenLogAsync("demo/0", Logs.Token);
            await AssertHoldsAsync(log, acknowledged);
            await AppendAsync(log, acknowledged);
            await storage.Documents.WriteAsync("collections/demo", Logs.Body("resumed"), document.Version, Logs.Token);
            await Snapshots.PublishAsync(storage, log, log.LastLsn, ("ids", "a"));
            await AssertHoldsAsync(log, acknowledged);
        }

        await using FileShardStorage reopened = FileShardStorage.Open(options);
        await AssertHoldsAsync(await reopened.OpenLogAsync("demo/0", Logs.Token), acknowledged);
        Assert.Single(await reopened.Snapshots.ListAsync("demo/0", Logs.Token));
    }

    /// <summary>Truncation behind a snapshot frees the space that writes then use.</summary>
    [Fact]
    public async Task DiskFull_TruncatingFreesEnoughToGoOn()
    {
        await MountAsync();
        await using FileShardStorage storage = FileShardStorage.Open(
            new FileStorageOptions { Directory = Path.Combine(_mount, "data"), SegmentBytes = 1 << 20 });
        IShardLog log = await storage.OpenLogAsync("demo/0", Logs.Token);
        List<byte[]> acknowledged = [];
        for (int i = 0; i < 120; i++)
        {
            await AppendAsync(log, acknowledged);
        }

        await log.TruncateAsync(100, Logs.Token);
        for (int i = 0; i < 80; i++)
        {
            await AppendAsync(log, acknowledged);
        }

        List<LogRecord> found = [];
        await foreach (LogRecord record in log.ReadAsync(100, Logs.Token))
        {
            found.Add(record);
        }

        Assert.Equal(100, found.Count);
        Assert.All(found, record => Assert.True(record.Body.Span.SequenceEqual(acknowledged[(int)record.Lsn - 1])));
    }

    private static async Task<StorageException> AppendUntilRefusedAsync(IShardLog log, List<byte[]> acknowledged)
    {
        while (true)
        {
            try
            {
                await AppendAsync(log, acknowledged);
            }
            catch (StorageException exception)
            {
                return exception;
            }
        }
    }

    private static async Task AppendAsync(IShardLog log, List<byte[]> acknowledged)
    {
        byte[] body = new byte[RecordBytes];
        new Random((int)log.LastLsn).NextBytes(body);
        await log.AppendAsync([body], Logs.Token);
        acknowledged.Add(body);
    }

    /// <summary>All of them, and nothing of what was refused: a record that did not fit was cut.</summary>
    private static async Task AssertHoldsAsync(IShardLog log, List<byte[]> acknowledged)
    {
        int count = 0;
        await foreach (LogRecord record in log.ReadAsync(0, Logs.Token))
        {
            if (count < acknowledged.Count)
            {
                Assert.True(record.Body.Span.SequenceEqual(acknowledged[count]), $"Record {record.Lsn} differs.");
            }

            count++;
        }

        Assert.Equal(acknowledged.Count, count);
    }

    private static void AssertUnavailable(StorageException exception)
    {
        Assert.Equal(StorageError.Unavailable, exception.Error);
        Assert.True(exception.IsTransient);
    }

    private static async Task<int> RunAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(program, arguments);
        await process.WaitForExitAsync(CancellationToken.None);
        return process.ExitCode;
    }

    private async Task MountAsync()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Mounting a tmpfs needs root on Linux.");
        _isMounted = await RunAsync("mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", _mount) == 0;
        Assert.SkipUnless(_isMounted, "A tmpfs could not be mounted here, as in a container without CAP_SYS_ADMIN.");
    }
}
