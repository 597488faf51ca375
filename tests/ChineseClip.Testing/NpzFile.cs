using System.IO.Compression;

namespace ChineseClip.Testing;

/// <summary>A .npz archive: named arrays, read when asked for.</summary>
/// <remarks>Threads: safe; every call opens the file anew.</remarks>
public sealed class NpzFile
{
    private readonly string _path;

    private NpzFile(string path, string[] names)
    {
        _path = path;
        Names = names;
    }

    public IReadOnlyList<string> Names { get; }

    public NpyArray this[string name]
    {
        get
        {
            using var archive = ZipFile.OpenRead(_path);
            var entry = archive.GetEntry(name + ".npy")
                ?? throw new KeyNotFoundException($"{_path} has no array '{name}'; it has {string.Join(", ", Names)}.");
            using var content = entry.Open();
            using var bytes = new MemoryStream();
            content.CopyTo(bytes);
            return NpyArray.Parse(bytes.ToArray(), $"{_path}:{name}");
        }
    }

    public static NpzFile Open(string path)
    {
        using var archive = ZipFile.OpenRead(path);
        return new NpzFile(path, [.. archive.Entries.Select(entry => entry.FullName[..^".npy".Length])]);
    }

    public bool Contains(string name) => Names.Contains(name);
}
