namespace ChineseClip.Storage;

/// <summary>One record of a shard log.</summary>
/// <param name="Lsn">Its number: 1 for the first record of the shard, then without gaps.</param>
/// <param name="Body">What was appended. The reader owns it.</param>
public readonly record struct LogRecord(long Lsn, ReadOnlyMemory<byte> Body);
