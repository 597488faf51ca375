namespace ChineseClip.Storage;

/// <summary>Where a log stands.</summary>
/// <param name="FirstLsn">The oldest record that can still be read; LastLsn + 1 when there is none.</param>
/// <param name="LastLsn">The last durable record; 0 when there never was one.</param>
/// <param name="Epoch">The newest lease; 0 when the shard was never opened.</param>
public readonly record struct LogPosition(long FirstLsn, long LastLsn, long Epoch);
