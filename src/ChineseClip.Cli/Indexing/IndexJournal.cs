using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ChineseClip.Cli.Running;
using ChineseClip.Contracts;

namespace ChineseClip.Cli.Indexing;

/// <summary>Which entries of a source a collection has acknowledged, so that an interrupted <c>index</c> can go on.</summary>
/// <remarks>One line an entry: size, stamp and id with tabs between. A line cut by a crash is taken for not there: that entry is sent again.</remarks>
internal sealed class IndexJournal : IDisposable
{
    private readonly HashSet<string> _done = new(StringComparer.Ordinal);

    private readonly StreamWriter _writer;

    private IndexJournal(StreamWriter writer) => _writer = writer;

    /// <param name="server">Together with the collection (and when it was created) and the source, names the journal.</param>
    /// <param name="collection">The collection.</param>
    /// <param name="source">The folder or file.</param>
    /// <param name="resume">Keep what an earlier run noted; else begin anew.</param>
    public static IndexJournal Open(Uri server, CollectionDescription collection, string source, bool resume)
    {
        string path = PathOf(server, collection, source);
        Directory.CreateDirectory(DataDirectories.Indexing);
        string[] lines = resume && File.Exists(path) ? ReadWholeLines(path) : [];
        IndexJournal journal = new(new StreamWriter(path, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)));
        foreach (string line in lines)
        {
            journal._done.Add(line);
            journal._writer.WriteLine(line);
        }

        journal._writer.Flush();
        return journal;
    }

    public bool Contains(IndexEntry entry) => _done.Contains(Line(entry));

    public void Add(IEnumerable<IndexEntry> entries)
    {
        lock (_writer)
        {
            foreach (IndexEntry entry in entries)
            {
                _writer.WriteLine(Line(entry));
            }

            _writer.Flush();
        }
    }

    public void Dispose() => _writer.Dispose();

    private static string Line(IndexEntry entry) =>
        string.Create(CultureInfo.InvariantCulture, $"{entry.ByteCount}\t{entry.Stamp}\t{entry.Id.ReplaceLineEndings("\\n")}");

    private static string[] ReadWholeLines(string path)
    {
        string text = File.ReadAllText(path);
        int end = text.LastIndexOf('\n');
        return end < 0 ? [] : text[..end].Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static string PathOf(Uri server, CollectionDescription collection, string source)
    {
        string identity = string.Create(
            CultureInfo.InvariantCulture, $"{server.AbsoluteUri}\n{collection.Name}\n{collection.CreatedAt:O}\n{Path.GetFullPath(source)}");
        string name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)))[..32];
        return Path.Combine(DataDirectories.Indexing, name + ".journal");
    }
}
