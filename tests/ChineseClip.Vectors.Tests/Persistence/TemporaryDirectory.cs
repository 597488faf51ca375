namespace ChineseClip.Vectors.Tests.Persistence;

/// <summary>A new directory that is deleted at the end of a test.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("index-snapshot-").FullName;

    public string this[string name] => Path.Combine(_path, name);

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
