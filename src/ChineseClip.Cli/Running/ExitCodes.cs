using ChineseClip.Server;

namespace ChineseClip.Cli.Running;

internal static class ExitCodes
{
    public const int Done = 0;

    public const int Failed = 1;

    public const int WrongCommandLine = 2;

    /// <summary><c>serve</c>: the silo was counted out of its cluster and could not join again; another start may mend it.</summary>
    public const int Evicted = SiloEvictedException.ExitCode;
}
