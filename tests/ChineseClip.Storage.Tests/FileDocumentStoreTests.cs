using System.Text;
using ChineseClip.Storage.Files;

namespace ChineseClip.Storage.Tests;

public sealed class FileDocumentStoreTests
{
    [Fact]
    public async Task WriteAsync_WithVersions_ComparesAndSwaps()
    {
        FaultyFileSystem files = new();
        await using FileShardStorage storage = Logs.Open(files);
        IDocumentStore documents = storage.Documents;

        Assert.Null(await documents.ReadAsync("collections/演示", Logs.Token));
        StoredDocument first = await documents.WriteAsync("collections/演示", Logs.Body("一"), 0, Logs.Token);
        StorageException exists = await Assert.ThrowsAsync<StorageException>(
            () => documents.WriteAsync("collections/演示", Logs.Body("x"), 0, Logs.Token));
        StoredDocument second = await documents.WriteAsync("collections/演示", Logs.Body("二"), first.Version, Logs.Token);
        StorageException stale = await Assert.ThrowsAsync<StorageException>(
            () => documents.DeleteAsync("collections/演示", first.Version, Logs.Token));

        Assert.Equal((StorageError.Conflict, StorageError.Conflict), (exists.Error, stale.Error));
        Assert.Contains($"has version {second.Version}, not the expected {first.Version}", stale.Message, StringComparison.Ordinal);
        StoredDocument? read = await documents.ReadAsync("collections/演示", Logs.Token);
        Assert.Equal("二", Encoding.UTF8.GetString(read!.Content.Span));
        Assert.True(await documents.DeleteAsync("collections/演示", second.Version, Logs.Token));
        Assert.False(await documents.DeleteAsync("collections/演示", null, Logs.Token));
        StoredDocument again = await documents.WriteAsync("collections/演示", Logs.Body("三"), 0, Logs.Token);
        Assert.True(again.Version > second.Version, "A version was given twice.");
    }

    [Fact]
    public async Task ListAsync_Prefix_GivesThoseByNameAndSurvivesACrash()
    {
        FaultyFileSystem files = new();
        await using (FileShardStorage storage = Logs.Open(files))
        {
            foreach (string name in new[] { "collections/b", "collections/A", "aliases/b", "collections/汉字" })
            {
                await storage.Documents.WriteAsync(name, Logs.Body(name), 0, Logs.Token);
            }
        }

        files.Plant(Logs.Root + "/documents/torn.doc.tmp", [1, 2, 3]);
        files.Crash();
        await using FileShardStorage reopened = Logs.Open(files);
        IReadOnlyList<StoredDocument> found = await reopened.Documents.ListAsync("collections/", Logs.Token);

        Assert.Equal(["collections/A", "collections/b", "collections/汉字"], found.Select(document => document.Name));
        Assert.All(found, document => Assert.Equal(document.Name, Encoding.UTF8.GetString(document.Content.Span)));
        Assert.False(files.FileExists(Logs.Root + "/documents/torn.doc.tmp"));
    }

    [Fact]
    public async Task ReadAsync_EveryByteFlipped_IsRefused()
    {
        FaultyFileSystem files = new();
        await using FileShardStorage storage = Logs.Open(files);
        await storage.Documents.WriteAsync("演示", Logs.Body("content"), 0, Logs.Token);
        string path = files.AllFiles().Single(file => file.EndsWith(".doc", StringComparison.Ordinal));
        byte[] whole = files.Content(path);
        for (int i = 0; i < whole.Length; i++)
        {
            byte[] damaged = [.. whole];
            damaged[i] ^= 0x10;
            files.Plant(path, damaged);
            StorageException refusal = await Assert.ThrowsAsync<StorageException>(
                () => storage.Documents.ReadAsync("演示", Logs.Token));
            Assert.Equal((StorageError.Corrupt, path), (refusal.Error, refusal.Path));
        }
    }
}
