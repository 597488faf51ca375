using System.Diagnostics;
using System.Text;
using ChineseClip.Storage.Files;

namespace ChineseClip.Storage.Tests.Kills;

/// <summary>Runs victims over one directory, notes what they were told, and checks what they leave.</summary>
internal sealed class Witness(string directory)
{
    private readonly List<string> _records = [];

    private readonly Dictionary<string, bool> _snapshots = new(StringComparer.Ordinal);

    private string? _document;

    private bool _doomedIsGone;

    /// <summary>What the last victim had begun and not acknowledged; null when it ended.</summary>
    private (string What, string Argument)? _attempt;

    /// <summary>The points the victim passed, when it lived to its end.</summary>
    public Dictionary<string, int> Points { get; } = new(StringComparer.Ordinal);

    /// <summary>Runs a victim; returns whether it was killed.</summary>
    public async Task<bool> RunAsync(string life, string point, int pass)
    {
        ProcessStartInfo start = new(Environment.ProcessPath!)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { [Victim.Variable] = $"{directory}|{life}|{point}|{pass}", ["DOTNET_TieredPGO"] = "0" },
        };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(typeof(Victim).Assembly.Location);
        }

        using Process process = Process.Start(start)!;
        await using CancellationTokenRegistration ending = Logs.Token.Register(process.Kill);
        Task<string> errors = process.StandardError.ReadToEndAsync(Logs.Token);
        string output = await process.StandardOutput.ReadToEndAsync(Logs.Token);
        await process.WaitForExitAsync(Logs.Token);
        bool isKilled = process.ExitCode == 128 + 9;
        Assert.True(isKilled || output.EndsWith("end\n", StringComparison.Ordinal), $"{life} at {point}: {process.ExitCode} {await errors}");
        _attempt = null;
        foreach (string line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] words = line.Split(' ', 3);
            switch (words[0])
            {
                case "try":
                    _attempt = (words[1], words[2]);
                    break;
                case "ack":
                    Assert.Equal((words[1], words[2]), _attempt);
                    _attempt = null;
                    Note(words[1], words[2]);
                    break;
                case "point":
                    Points[words[1]] = int.Parse(words[2], System.Globalization.CultureInfo.InvariantCulture);
                    break;
            }
        }

        return isKilled;
    }

    /// <summary>Opens what is there: every acknowledged thing, nothing that was never asked for, and ready to go on.</summary>
    public async Task CheckAsync(string context)
    {
        await using FileShardStorage storage = FileShardStorage.Open(Victim.Options(directory));
        IShardLog log = await storage.OpenLogAsync(Victim.Shard, Logs.Token);
        string[] attempted = _attempt is { What: "append" } append ? append.Argument.Split(' ') : [];
        List<string> found = [.. _records.Take((int)log.FirstLsn - 1), .. await log.ReadTextsAsync(log.FirstLsn - 1)];
        Assert.True(found.Count >= _records.Count, $"{context}: {_records.Count} records were acknowledged, {found.Count} are there.");
        Assert.Equal([.. _records, .. attempted.Take(found.Count - _records.Count)], found);
        _records.Clear();
        _records.AddRange(found);

        StoredDocument? document = await storage.Documents.ReadAsync(Victim.Document, Logs.Token);
        string? text = document is null ? null : Encoding.UTF8.GetString(document.Content.Span);
        Assert.True(text == _document || _attempt == ("document", text), $"{context}: document '{text}' instead of '{_document}'.");
        _document = text;
        Assert.True((await storage.Documents.ListAsync("other/", Logs.Token)).Count <= (_attempt is { What: "delete-document" } ? 1 : 0), context);

        await CheckSnapshotsAsync(storage, context);
        if (_doomedIsGone)
        {
            Assert.False(Directory.Exists(Path.Combine(directory, "shards", "doomed@0")), context);
            Assert.Empty(await storage.Snapshots.ListAsync(Victim.DoomedShard, Logs.Token));
        }

        _doomedIsGone = false; // the next victim makes it anew
        string probe = $"probe after {context}";
        Assert.Equal(_records.Count + 1, await log.AppendAsync(probe));
        _records.Add(probe);
        Assert.DoesNotContain(
            Directory.EnumerateFileSystemEntries(directory, "*.tmp", SearchOption.AllDirectories), path => !path.Contains("doomed", StringComparison.Ordinal));
        foreach (string name in (await storage.Documents.ListAsync("other/", Logs.Token)).Select(other => other.Name))
        {
            await storage.Documents.DeleteAsync(name, null, Logs.Token);
        }
    }

    private async Task CheckSnapshotsAsync(FileShardStorage storage, string context)
    {
        Dictionary<string, SnapshotDescription> listed = (await storage.Snapshots.ListAsync(Victim.Shard, Logs.Token))
            .ToDictionary(snapshot => snapshot.Properties["text"]);
        foreach ((string text, bool isThere) in _snapshots)
        {
            if (_attempt != ("unpublish", text))
            {
                Assert.True(isThere == listed.ContainsKey(text), $"{context}: snapshot {text} is {(isThere ? "missing" : "back")}.");
            }
        }

        foreach ((string text, SnapshotDescription snapshot) in listed)
        {
            Assert.True(_snapshots.ContainsKey(text) || _attempt == ("publish", text), $"{context}: snapshot {text} was never asked for.");
            using OpenedSnapshot opened = await storage.Snapshots.OpenAsync(Victim.Shard, snapshot.Id, Logs.Token);
            await opened.VerifyAsync(string.Empty, Logs.Token);
            Assert.Equal(text, await File.ReadAllTextAsync(Path.Combine(opened.Directory, "index", "codes"), Logs.Token));
            Assert.Equal($"through {snapshot.Lsn}", await File.ReadAllTextAsync(Path.Combine(opened.Directory, "ids"), Logs.Token));
        }

        _snapshots.Clear();
        foreach (string text in listed.Keys)
        {
            _snapshots[text] = true;
        }
    }

    private void Note(string what, string argument)
    {
        switch (what)
        {
            case "append":
                _records.AddRange(argument.Split(' '));
                break;
            case "document":
                _document = argument;
                break;
            case "publish":
                _snapshots[argument] = true;
                break;
            case "unpublish":
                _snapshots[argument] = false;
                break;
            case "delete-shard":
                _doomedIsGone = true;
                break;
        }
    }
}
