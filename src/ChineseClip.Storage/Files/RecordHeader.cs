namespace ChineseClip.Storage.Files;

/// <summary>The fixed part of a record; see <see cref="RecordFormat"/>.</summary>
internal readonly record struct RecordHeader
{
    public int BodyBytes { get; init; }

    public ulong Checksum { get; init; }

    public long Lsn { get; init; }

    public long Epoch { get; init; }

    /// <summary>Every record up to this LSN had been synced when this one was written.</summary>
    public long DurableLsn { get; init; }

    public ulong PreviousChecksum { get; init; }

    /// <summary>Header and body.</summary>
    public int Bytes => RecordFormat.HeaderBytes + BodyBytes;
}
