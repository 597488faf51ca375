namespace ChineseClip.Cli.Running;

internal static class ExitCodes
{
    public const int Done = 0;

    public const int Failed = 1;

    public const int WrongCommandLine = 2;
}
