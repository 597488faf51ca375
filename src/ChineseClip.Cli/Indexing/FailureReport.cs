using System.Text;
using ChineseClip.Cli.Output;
using ChineseClip.Contracts;

namespace ChineseClip.Cli.Indexing;

/// <summary>A file that lists, as JSON Lines, every entry that could not be indexed and why; made when there is a first one.</summary>
internal sealed class FailureReport(string path) : IDisposable
{
    private readonly Lock _gate = new();

    private StreamWriter? _writer;

    public string Path => path;

    public int Count { get; private set; }

    public void Add(IndexEntry entry, ElementError error)
    {
        lock (_gate)
        {
            if (_writer is null)
            {
                Directory.CreateDirectory(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!);
                _writer = new StreamWriter(path, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true };
            }

            _writer.WriteLine(JsonText.Of(new { entry.Id, File = entry.Path, error.Code, error.Detail }));
            Count++;
        }
    }

    public void Dispose() => _writer?.Dispose();
}
