using System.Text;
using ChineseClip.Storage.Files;

namespace ChineseClip.Storage.Tests.Kills;

// The test program starts itself again as the victim: a process that writes through FileShardStorage and is killed at a named point. It prints
// each thing it is about to do as "try …" and each that was acknowledged as "ack …", unbuffered, so that what the parent has read is what a caller
// could know. At its end it prints the points it passed.

/// <summary>The life of the process that gets killed. See the note above this type.</summary>
internal static class Victim
{
    /// <summary>Set to <c>directory|life|point|pass</c>, it makes the program a victim.</summary>
    public const string Variable = "CHINESECLIP_STORAGE_VICTIM";

    public const string Shard = "demo/0";

    public const string DoomedShard = "doomed/0";

    public const string Document = "collections/demo";

    public const int Rounds = 4;

    private const int SegmentBytes = 4096;

    public static FileStorageOptions Options(string directory) => new() { Directory = directory, SegmentBytes = SegmentBytes };

    public static async Task<int> RunAsync(string order)
    {
        string[] parts = order.Split('|');
        int fatalPass = int.Parse(parts[3], System.Globalization.CultureInfo.InvariantCulture);
        await RunAsync(parts[0], parts[1], new KillingFileSystem(parts[2], fatalPass));
        return 0;
    }

    private static async Task RunAsync(string directory, string life, KillingFileSystem files)
    {
        using Stream output = Console.OpenStandardOutput();
        await using (FileShardStorage storage = FileShardStorage.Open(Options(directory), files))
        {
            IShardLog log = await storage.OpenLogAsync(Shard, default);
            IShardLog doomed = await storage.OpenLogAsync(DoomedShard, default);
            for (int round = 0; round < Rounds; round++)
            {
                await DoAsync("document", $"{life}.{round}", text => storage.Documents.WriteAsync(Document, Encoding.UTF8.GetBytes(text), null, default));
                for (int group = 0; group < 4; group++)
                {
                    string[] texts = [.. Enumerable.Range(0, 3).Select(i => $"{life}.{round}.{group}.{i}.{new string('x', 200 + (50 * i))}")];
                    await DoAsync("append", string.Join(' ', texts), _ => log.AppendAsync([.. texts.Select(text => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(text))], default));
                }

                await DoAsync("publish", $"{life}.{round}", text => PublishAsync(storage, log, text));
                IReadOnlyList<SnapshotDescription> snapshots = await storage.Snapshots.ListAsync(Shard, default);
                if (snapshots.Count > 2)
                {
                    await DoAsync("truncate", $"{snapshots[1].Lsn}", _ => log.TruncateAsync(snapshots[1].Lsn, default));
                    using OpenedSnapshot? held = round % 2 == 0 ? await storage.Snapshots.OpenAsync(Shard, snapshots[2].Id, default) : null;
                    await DoAsync("unpublish", snapshots[2].Properties["text"], _ => storage.Snapshots.DeleteAsync(Shard, snapshots[2].Id, default));
                }

                await DoAsync("delete-document", $"other/{life}.{round}", async text =>
                {
                    await storage.Documents.WriteAsync(text, default, null, default);
                    await storage.Documents.DeleteAsync(text, null, default);
                });
            }

            await doomed.AppendAsync([new byte[100]], default);
            await PublishAsync(storage, doomed, "doomed");
            await DoAsync("delete-shard", DoomedShard, text => storage.DeleteShardAsync(text, default));
        }

        foreach ((string point, int passes) in files.Passes)
        {
            Say($"point {point} {passes}");
        }

        Say("end");

        async Task DoAsync(string what, string argument, Func<string, Task> work)
        {
            Say($"try {what} {argument}");
            await work(argument);
            files.Pass($"before-acknowledge-{what}");
            Say($"ack {what} {argument}");
            files.Pass($"after-acknowledge-{what}");
        }

        void Say(string line) => output.Write(Encoding.UTF8.GetBytes(line + '\n'));
    }

    private static async Task PublishAsync(FileShardStorage storage, IShardLog log, string text)
    {
        string work = storage.Snapshots.CreateWorkDirectory(log.ShardKey);
        Directory.CreateDirectory(Path.Combine(work, "index"));
        await File.WriteAllTextAsync(Path.Combine(work, "index", "codes"), text);
        await File.WriteAllTextAsync(Path.Combine(work, "ids"), $"through {log.LastLsn}");
        await storage.Snapshots.PublishAsync(
            log.ShardKey, log.Epoch, log.LastLsn, work, new Dictionary<string, string> { ["text"] = text }, default);
    }
}
