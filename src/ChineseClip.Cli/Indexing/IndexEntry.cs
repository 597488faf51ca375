using ChineseClip.Contracts;

namespace ChineseClip.Cli.Indexing;

/// <summary>Something to index.</summary>
/// <param name="Id">Its id in the collection; empty where the input gives none.</param>
/// <param name="Path">Where it comes from, for people: a file, or a file and a line in it.</param>
/// <param name="ByteCount">Its size on the way to the server, about.</param>
/// <param name="Stamp">Changes when its content does: a file's time in ticks, or a hash.</param>
internal sealed record IndexEntry(string Id, string Path, long ByteCount, long Stamp)
{
    /// <summary>Makes the item; may throw <see cref="IOException"/>, <see cref="UnauthorizedAccessException"/> or <see cref="InvalidDataException"/>.</summary>
    public required Func<CancellationToken, Task<PutItem>> LoadAsync { get; init; }

    /// <summary>An input that is wrong already where it stands; it fails when its turn comes, so that it is reported like the others.</summary>
    public static IndexEntry Wrong(string id, string path, string detail) => new(id, path, 0, 0)
    {
        LoadAsync = _ => Task.FromException<PutItem>(new InvalidDataException(detail)),
    };
}
