using ChineseClip.Cli.Output;
using ChineseClip.Cli.Running;
using ChineseClip.Client;
using ChineseClip.Contracts;

namespace ChineseClip.Cli.Indexing;

/// <summary>The pictures below a folder.</summary>
internal sealed class PictureFolder : IndexSource
{
    private static readonly HashSet<string> Extensions =
        new([".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp"], StringComparer.OrdinalIgnoreCase);

    private readonly List<IndexEntry> _pictures;

    private PictureFolder(List<IndexEntry> pictures, int otherCount)
    {
        _pictures = pictures;
        OtherCount = otherCount;
    }

    public override string Noun => "pictures";

    public override int Count => _pictures.Count;

    /// <summary>Files that are not named as pictures.</summary>
    public override int OtherCount { get; }

    public static PictureFolder Scan(string directory)
    {
        if (!Directory.Exists(directory))
        {
            throw new CommandFailedException($"There is no folder or file '{directory}'.");
        }

        List<IndexEntry> pictures = [];
        int others = 0;
        foreach (FileInfo file in new DirectoryInfo(directory).EnumerateFiles("*", SearchOption.AllDirectories))
        {
            if (Extensions.Contains(file.Extension))
            {
                string id = Path.GetRelativePath(directory, file.FullName).Replace(Path.DirectorySeparatorChar, '/');
                pictures.Add(Entry(id, file));
            }
            else
            {
                others++;
            }
        }

        pictures.Sort((left, right) => string.CompareOrdinal(left.Id, right.Id));
        return new PictureFolder(pictures, others);
    }

    /// <summary>By id, in ordinal order.</summary>
    public override IEnumerable<IndexEntry> Entries() => _pictures;

    private static IndexEntry Entry(string id, FileInfo file) => new(id, file.FullName, file.Length, file.LastWriteTimeUtc.Ticks)
    {
        LoadAsync = async cancellationToken => new PutItem
        {
            Id = id,
            Image = await ImageSources.FromFileAsync(file.FullName, cancellationToken),
            Payload = JsonText.ToElement(new { File = id, Path = file.FullName }),
        },
    };
}
