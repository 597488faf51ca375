namespace ChineseClip.Server;

/// <summary>The silo was counted out of its cluster, and could not join again in time.</summary>
public sealed class SiloEvictedException(string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>What a process ends with for this reason: another start may mend it.</summary>
    public const int ExitCode = 3;
}
