namespace ChineseClip.Storage.Appends;

/// <summary>What a log takes.</summary>
/// <param name="MaxRecordBytes">The longest body, in bytes.</param>
/// <param name="MaxPendingBytes">How much may wait to be written before appends are refused as Overloaded, in bytes.</param>
internal readonly record struct AppendLimits(int MaxRecordBytes, long MaxPendingBytes)
{
    /// <summary>What one call may append, in bytes.</summary>
    public const int MaxCallBytes = 256 << 20;
}
