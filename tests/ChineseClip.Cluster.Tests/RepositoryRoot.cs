namespace ChineseClip.Cluster.Tests;

/// <summary>Finds the files of the project from wherever the tests run.</summary>
internal static class RepositoryRoot
{
    public static string Directory { get; } = Find();

    public static string Combine(params string[] parts) => Path.Combine([Directory, .. parts]);

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "ChineseClip.Cluster.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} holds ChineseClip.Cluster.sln.");
    }
}
