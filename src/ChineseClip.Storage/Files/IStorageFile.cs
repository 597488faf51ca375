namespace ChineseClip.Storage.Files;

/// <summary>An open file, addressed by offset.</summary>
internal interface IStorageFile : IDisposable
{
    string Path { get; }

    long Length { get; }

    /// <summary>Reads up to the length of <paramref name="destination"/>; fewer only at the end of the file.</summary>
    int Read(long offset, Span<byte> destination);

    void Write(long offset, ReadOnlySpan<byte> content);

    void SetLength(long length);

    /// <summary>Makes content and length durable.</summary>
    void Sync();
}
