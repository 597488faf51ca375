using ChineseClip.Vectors.Memory;

namespace ChineseClip.Vectors.Persistence;

/// <summary>Files of an earlier snapshot that the next one may share.</summary>
internal sealed class PreviousSnapshot
{
    private readonly string? _directory;
    private readonly int _time;
    private readonly Dictionary<string, ManifestFile> _files = [];

    private PreviousSnapshot(string? problem) => Problem = problem;

    private PreviousSnapshot(string directory, int time, IndexManifest manifest)
    {
        _directory = directory;
        _time = time;
        _files = manifest.Tables.SelectMany(table => table.Chunks).ToDictionary(file => file.Name);
    }

    /// <summary>Why nothing can be shared; null when something can or nothing was asked for.</summary>
    public string? Problem { get; }

    public static PreviousSnapshot Find(string? directory, SnapshotBasis? basis)
    {
        if (directory is null)
        {
            return new PreviousSnapshot(problem: null);
        }
        IndexManifest manifest;
        try
        {
            manifest = ManifestDocument.Read(Path.Combine(directory, ManifestDocument.FileName));
        }
        catch (IOException exception)
        {
            return new PreviousSnapshot(exception.Message);    // told in the report; a whole snapshot is written instead
        }
        return manifest.Id == basis?.Id
            ? new PreviousSnapshot(directory, basis.Time, manifest)
            : new PreviousSnapshot(
                $"{directory} holds snapshot {manifest.Id}; this index goes back to {basis?.Id.ToString() ?? "none"}.");
    }

    /// <summary>Links the file of a chunk that did not change since; null when it must be written.</summary>
    public ManifestFile? TryLink(string fileName, ChunkCapture rows, int chunk, string target)
    {
        if (_directory is null || rows.Stamp(chunk) > _time
            || !_files.TryGetValue(fileName, out ManifestFile? file) || file.Bytes != rows.UsedBytes(chunk))
        {
            return null;
        }
        string source = Path.Combine(_directory, fileName);
        return new FileInfo(source) is { Exists: true } found && found.Length == file.Bytes && DurableFiles.TryLink(source, target)
            ? file
            : null;
    }
}
