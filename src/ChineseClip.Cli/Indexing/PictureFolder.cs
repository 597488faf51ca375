using ChineseClip.Cli.Running;

namespace ChineseClip.Cli.Indexing;

/// <summary>The pictures below a folder.</summary>
internal sealed class PictureFolder
{
    private static readonly HashSet<string> Extensions =
        new([".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp"], StringComparer.OrdinalIgnoreCase);

    private PictureFolder(IReadOnlyList<FolderPicture> pictures, int otherCount)
    {
        Pictures = pictures;
        OtherCount = otherCount;
    }

    /// <summary>By id, in ordinal order.</summary>
    public IReadOnlyList<FolderPicture> Pictures { get; }

    /// <summary>Files that are not named as pictures.</summary>
    public int OtherCount { get; }

    public static PictureFolder Scan(string directory)
    {
        if (!Directory.Exists(directory))
        {
            throw new CommandFailedException(
                File.Exists(directory) ? $"'{directory}' is a file; index takes a folder of pictures." : $"There is no folder '{directory}'.");
        }

        List<FolderPicture> pictures = [];
        int others = 0;
        foreach (FileInfo file in new DirectoryInfo(directory).EnumerateFiles("*", SearchOption.AllDirectories))
        {
            if (Extensions.Contains(file.Extension))
            {
                string id = Path.GetRelativePath(directory, file.FullName).Replace(Path.DirectorySeparatorChar, '/');
                pictures.Add(new FolderPicture(id, file.FullName, file.Length, file.LastWriteTimeUtc.Ticks));
            }
            else
            {
                others++;
            }
        }

        pictures.Sort((left, right) => string.CompareOrdinal(left.Id, right.Id));
        return new PictureFolder(pictures, others);
    }
}
