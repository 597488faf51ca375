using ChineseClip.Vectors.Memory;

namespace ChineseClip.Vectors.Persistence;

/// <summary>Writes the files of one snapshot.</summary>
/// <remarks>
/// Order: (1) unchanged chunks are linked, which takes the load of saving their pages from the writer; (2) the others are copied,
/// hashed and written; (3) the lists; (4) the manifest, without which a directory is no snapshot; (5) the names are synced.
/// </remarks>
internal sealed class SnapshotWriter(string directory, Guid id, PreviousSnapshot previous)
{
    private const string ListsFileName = "lists.bin";

    private long _writtenBytes;
    private long _linkedBytes;

    public IndexSnapshotReport Write(HnswParameters parameters, SnapshotCapture capture, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(directory);
        if (File.Exists(Path.Combine(directory, ManifestDocument.FileName)))
        {
            throw new IOException($"{directory} holds a snapshot already; another directory must be named.");
        }
        var files = capture.Tables.Select(table => new ManifestFile?[table.Rows.ChunkCount]).ToArray();
        ForEachChunk(capture, files, Link, cancellationToken);                        // Step 1
        byte[] buffer = new byte[capture.Tables.Max(table => table.Rows.RowBytes * table.Rows.ChunkRows)];
        ForEachChunk(capture, files, WriteChunk, cancellationToken);                  // Step 2
        ManifestFile lists = WriteLists(capture, out Dictionary<string, ManifestRange> ranges);    // Step 3
        IndexManifest manifest = new()
        {
            Format = IndexManifest.FormatName,
            Version = IndexManifest.CurrentVersion,
            Id = id,
            Parameters = parameters,
            Numbers = capture.Numbers,
            Tables = [.. capture.Tables.Select((table, i) => Describe(table.Name, table.Rows, files[i]))],
            Lists = lists,
            ListRanges = ranges,
        };
        WriteFile(ManifestDocument.FileName, ManifestDocument.Write(manifest));       // Step 4
        DurableFiles.SyncDirectory(directory);                                        // Step 5
        return new IndexSnapshotReport(id, _writtenBytes, _linkedBytes, previous.Problem);

        ManifestFile? WriteChunk(string name, ChunkCapture rows, int chunk)
        {
            Span<byte> content = buffer.AsSpan(0, rows.UsedBytes(chunk));
            rows.Copy(chunk, content);
            return WriteFile(name, content);
        }
    }

    private static void ForEachChunk(
        SnapshotCapture capture, ManifestFile?[][] files, Func<string, ChunkCapture, int, ManifestFile?> action,
        CancellationToken cancellationToken)
    {
        for (int table = 0; table < files.Length; table++)
        {
            (string name, ChunkCapture rows) = capture.Tables[table];
            for (int chunk = 0; chunk < rows.ChunkCount; chunk++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                files[table][chunk] ??= action($"{name}-{chunk:d5}.bin", rows, chunk);
            }
        }
    }

    private ManifestFile? Link(string name, ChunkCapture rows, int chunk)
    {
        ManifestFile? file = previous.TryLink(name, rows, chunk, Path.Combine(directory, name));
        if (file is not null)
        {
            rows.Release(chunk);
            _linkedBytes += file.Bytes;
        }
        return file;
    }

    private ManifestFile WriteLists(SnapshotCapture capture, out Dictionary<string, ManifestRange> ranges)
    {
        ranges = [];
        using MemoryStream content = new();
        foreach ((string name, byte[] elements) in capture.Lists)
        {
            ranges.Add(name, new ManifestRange((int)content.Length, elements.Length));
            content.Write(elements);
        }
        return WriteFile(ListsFileName, content.GetBuffer().AsSpan(0, (int)content.Length));
    }

    private ManifestFile WriteFile(string name, ReadOnlySpan<byte> content)
    {
        DurableFiles.Write(Path.Combine(directory, name), content);
        _writtenBytes += content.Length;
        return new ManifestFile(name, content.Length, Checksum.Of(content));
    }

    private static ManifestTable Describe(string name, ChunkCapture rows, ManifestFile?[] files) =>
        new(name, rows.RowBytes, rows.ChunkRows, rows.RowCount, [.. files.Select(file => file!)]);
}
