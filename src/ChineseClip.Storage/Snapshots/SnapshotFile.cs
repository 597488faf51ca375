namespace ChineseClip.Storage.Snapshots;

/// <summary>One file of a snapshot.</summary>
/// <param name="Name">The path below the snapshot's directory, with '/' between its parts.</param>
/// <param name="Bytes">The length.</param>
/// <param name="Checksum">XxHash128 of the content, in hexadecimal.</param>
internal sealed record SnapshotFile(string Name, long Bytes, string Checksum);
