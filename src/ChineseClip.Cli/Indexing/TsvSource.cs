using System.Globalization;
using System.Text;
using ChineseClip.Contracts;

namespace ChineseClip.Cli.Indexing;

/// <summary>OFA-Sys' picture files: on each line an id, a tab and the encoded picture in base64.</summary>
internal sealed class TsvSource(string path) : IndexSource
{
    public override string Noun => "pictures";

    public override int Count { get; } = CountLines(path);

    public override IEnumerable<IndexEntry> Entries()
    {
        int number = 0;
        foreach (string line in File.ReadLines(path))
        {
            number++;
            if (!string.IsNullOrWhiteSpace(line))
            {
                yield return Read(line, string.Create(CultureInfo.InvariantCulture, $"{path}, line {number}"));
            }
        }
    }

    private static IndexEntry Read(string line, string place)
    {
        int tab = line.IndexOf('\t', StringComparison.Ordinal);
        string id = tab < 0 ? string.Empty : line[..tab].Trim();
        if (id.Length == 0)
        {
            return IndexEntry.Wrong(id, place, "The line has no id before a tab; must be ID, tab, base64.");
        }

        return PictureText.ToStandard(line[(tab + 1)..]) is { } base64
            ? new IndexEntry(id, place, base64.Length / 4 * 3, StampOf(Encoding.ASCII.GetBytes(base64)))
            {
                LoadAsync = _ => Task.FromResult(new PutItem { Id = id, Image = new ImageSource { Base64 = base64 } }),
            }
            : IndexEntry.Wrong(id, place, "What follows the tab is no base64.");
    }
}
