using System.Runtime.CompilerServices;
using ChineseClip.Cli.Running;

namespace ChineseClip.Cli.Tests;

/// <summary>Keeps what commands store by default out of the user's directories.</summary>
internal static class TestHome
{
    public static string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("chineseclip-cli-").FullName;

    [ModuleInitializer]
    internal static void Use()
    {
        Environment.SetEnvironmentVariable(DataDirectories.HomeVariable, Directory);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => System.IO.Directory.Delete(Directory, recursive: true);
    }

    /// <summary>A new empty directory.</summary>
    public static string NewDirectory() => System.IO.Directory.CreateDirectory(Path.Combine(Directory, Guid.NewGuid().ToString("N"))).FullName;
}
