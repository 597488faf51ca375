namespace ChineseClip.Storage;

/// <summary>A document as it is stored.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">Grows with every write of any document in the store; 1 or more.</param>
/// <param name="Content">The whole content.</param>
public sealed record StoredDocument(string Name, long Version, ReadOnlyMemory<byte> Content);
