using System.Globalization;
using ChineseClip.Abstractions;
using ChineseClip.Vectors;
using ChineseClip.Vectors.Persistence;

namespace ChineseClip.Grains.Shards.Snapshots;

/// <summary>The files of a shard's snapshot: <c>index/</c> (see <see cref="IndexSnapshot"/>), <c>entries</c> and <c>operations</c>.</summary>
internal static class SnapshotLayout
{
    /// <summary>Versions the set as a whole; each file has its own mark besides.</summary>
    public const string FormatVersion = "1";

    private const string IndexDirectory = "index";

    public static IndexSnapshotReport Write(
        string directory, ShardImage image, string? previousDirectory, CancellationToken cancellationToken)
    {
        Array.Sort(image.Entries, static (left, right) => string.CompareOrdinal(left.Id, right.Id));
        EntriesFile.Write(Path.Combine(directory, EntriesFile.Name), image.Entries, cancellationToken);
        OperationsFile.Write(Path.Combine(directory, OperationsFile.Name), image.Operations);
        return image.Index.Write(
            Path.Combine(directory, IndexDirectory),
            previousDirectory is null ? null : Path.Combine(previousDirectory, IndexDirectory),
            cancellationToken);
    }

    /// <summary>Opens a snapshot: every byte of it is read and compared with its checksum.</summary>
    /// <exception cref="ClusterException">Corrupt: a file is missing or damaged, or the files do not belong together.</exception>
    public static (HnswIndex Index, EntryTable Entries, List<KeyValuePair<Guid, ShardWriteAnswer>> Operations) Read(string directory)
    {
        Task<List<ShardEntry>> reading = Task.Run(() => EntriesFile.Read(Path.Combine(directory, EntriesFile.Name)));
        HnswIndex? index = null;
        try
        {
            index = HnswIndex.Open(Path.Combine(directory, IndexDirectory));
            List<ShardEntry> entries = reading.GetAwaiter().GetResult();
            Check(directory, index, entries);
            return (index, new EntryTable(entries), OperationsFile.Read(Path.Combine(directory, OperationsFile.Name)));
        }
        catch (Exception exception)
        {
            index?.Dispose();
            reading.ContinueWith(static task => _ = task.Exception, TaskScheduler.Default);    // looked at, whoever failed first
            throw exception is IndexFileException ? new ClusterException(ErrorCode.Corrupt, exception.Message, exception) : exception;
        }
    }

    /// <summary>
    /// Reads a snapshot whose graph or codes are damaged: entries, operations and vectors are whole and checked; the graph is to be made anew.
    /// </summary>
    /// <exception cref="ClusterException">Corrupt: they are not whole either.</exception>
    public static (List<(ShardEntry Entry, float[] Vector)> Items, List<KeyValuePair<Guid, ShardWriteAnswer>> Operations) ReadWithoutGraph(
        string directory)
    {
        Dictionary<int, ShardEntry> entries = EntriesFile.Read(Path.Combine(directory, EntriesFile.Name)).ToDictionary(entry => entry.Row);
        List<(ShardEntry, float[])> items = new(entries.Count);
        try
        {
            HnswIndex.ReadVectors(Path.Combine(directory, IndexDirectory), (ordinal, vector) =>
            {
                if (entries.Remove(ordinal, out ShardEntry? entry))
                {
                    items.Add((entry, vector.ToArray()));
                }
            });
        }
        catch (IndexFileException exception)
        {
            throw new ClusterException(ErrorCode.Corrupt, exception.Message, exception);
        }

        return entries.Count == 0
            ? (items, OperationsFile.Read(Path.Combine(directory, OperationsFile.Name)))
            : throw new ClusterException(
                ErrorCode.Corrupt, string.Create(CultureInfo.InvariantCulture, $"{directory}: {entries.Count} entries have no vector."));
    }

    /// <summary>Reads all of a snapshot and lets it go again.</summary>
    /// <exception cref="ClusterException">Corrupt.</exception>
    public static void Verify(string directory) => Read(directory).Index.Dispose();

    /// <summary>Every file of a snapshot.</summary>
    public static IEnumerable<string> Files(string directory) =>
    [
        Path.Combine(directory, EntriesFile.Name),
        Path.Combine(directory, OperationsFile.Name),
        .. Directory.EnumerateFiles(Path.Combine(directory, IndexDirectory), "*", SearchOption.AllDirectories),
    ];

    private static void Check(string directory, HnswIndex index, List<ShardEntry> entries)
    {
        if (index.Count != entries.Count)
        {
            throw new ClusterException(
                ErrorCode.Corrupt,
                string.Create(CultureInfo.InvariantCulture, $"{directory} has {index.Count} vectors and {entries.Count} entries."));
        }

        HashSet<int> ordinals = new(entries.Count);
        foreach (ShardEntry entry in entries)
        {
            if (!ordinals.Add(entry.Row) || !index.Contains(entry.Row))
            {
                throw new ClusterException(
                    ErrorCode.Corrupt,
                    string.Create(CultureInfo.InvariantCulture, $"{directory}: the vector {entry.Row} of an entry is not there, or is another's."));
            }
        }
    }
}
