namespace ChineseClip.Cluster.Tests.Processes;

/// <summary>Programs that a test needs beside the SDK: absent, the test is skipped with its reason; in CI that is a failure.</summary>
internal static class RequiredProgram
{
    public static string Find(params string[] names)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        var found = names.SelectMany(name => folders.Select(folder => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
        if (found is not null)
        {
            return found;
        }

        var reason = $"{names[0]} is not installed; ./test.sh installs it where it may.";
        if (Environment.GetEnvironmentVariable("CI") is "true" or "1")
        {
            Assert.Fail(reason);
        }

        Assert.Skip(reason);
        throw new InvalidOperationException(reason);
    }
}
