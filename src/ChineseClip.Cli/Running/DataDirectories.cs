namespace ChineseClip.Cli.Running;

/// <summary>Where things are kept when the command line names no place: below the user's local application data, or CHINESECLIP_HOME.</summary>
internal static class DataDirectories
{
    public const string HomeVariable = "CHINESECLIP_HOME";

    public static string Home
    {
        get
        {
            if (Environment.GetEnvironmentVariable(HomeVariable) is { Length: > 0 } chosen)
            {
                return Path.GetFullPath(chosen);
            }

            // Empty where there is no home directory, as in some containers.
            string local = Environment.GetFolderPath(
                Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
            return Path.Combine(local.Length > 0 ? local : Path.GetTempPath(), "chineseclip");
        }
    }

    public static string Models => Path.Combine(Home, "models");

    /// <summary>What <c>model pull</c> has downloaded.</summary>
    public static string Checkpoints => Path.Combine(Home, "checkpoints");

    public static string Demo => Path.Combine(Home, "demo");

    public static string Server => Path.Combine(Home, "server");

    /// <summary>Journals and failure reports of <c>index</c>.</summary>
    public static string Indexing => Path.Combine(Home, "index");
}
