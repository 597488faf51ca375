namespace ChineseClip.Storage.Files;

/// <summary>One file of a log: the records from <paramref name="BaseLsn"/> to the next segment's.</summary>
internal readonly record struct Segment(long BaseLsn, string Path)
{
    private const string Extension = ".log";

    public static Segment At(string directory, long baseLsn) =>
        new(baseLsn, System.IO.Path.Combine(directory, $"{baseLsn:D20}{Extension}"));

    /// <summary>The segments in a shard's directory, oldest first.</summary>
    public static List<Segment> Find(IFileSystem fileSystem, string directory)
    {
        List<Segment> segments = [];
        foreach (string name in fileSystem.ListFiles(directory).Where(name => name.EndsWith(Extension, StringComparison.Ordinal)))
        {
            string path = System.IO.Path.Combine(directory, name);
            if (!long.TryParse(name.AsSpan(0, name.Length - Extension.Length), out long baseLsn) || At(directory, baseLsn).Path != path)
            {
                throw MediumErrors.Corrupt(path, 0, "its name is not that of a log segment.");
            }

            segments.Add(new Segment(baseLsn, path));
        }

        segments.Sort((left, right) => left.BaseLsn.CompareTo(right.BaseLsn));
        return segments;
    }
}
