namespace ChineseClip.Cli.Indexing;

/// <summary>A picture to index.</summary>
/// <param name="Id">Its path below the folder, with '/'.</param>
/// <param name="Path">The file.</param>
/// <param name="ByteCount">Its size.</param>
/// <param name="ModifiedTicks">When it was last written, in UTC ticks.</param>
internal sealed record FolderPicture(string Id, string Path, long ByteCount, long ModifiedTicks);
