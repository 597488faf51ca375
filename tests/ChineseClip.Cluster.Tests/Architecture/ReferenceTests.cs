using System.Reflection;
using System.Xml.Linq;

namespace ChineseClip.Cluster.Tests.Architecture;

/// <summary>Who may reference whom: the arrows of docs/architecture.md, checked in the project files and in what was compiled.</summary>
public sealed class ReferenceTests
{
    /// <summary>For each project of src, the projects of ours that it may use, directly or through another.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["ChineseClip.Vectors"] = [],
        ["ChineseClip.Model"] = [],
        ["ChineseClip.Storage"] = [],
        ["ChineseClip.Contracts"] = [],
        ["ChineseClip.Abstractions"] = [],
        ["ChineseClip.Grains"] = ["ChineseClip.Abstractions", "ChineseClip.Model", "ChineseClip.Vectors", "ChineseClip.Storage"],
        ["ChineseClip.Client"] = ["ChineseClip.Contracts"],
        ["ChineseClip.Demo"] = ["ChineseClip.Model"],
        ["ChineseClip.Server"] =
        [
            "ChineseClip.Contracts", "ChineseClip.Grains", "ChineseClip.Abstractions", "ChineseClip.Model",
            "ChineseClip.Storage", "ChineseClip.Cluster.ServiceDefaults",
        ],
        ["ChineseClip.Cli"] =
        [
            "ChineseClip.Client", "ChineseClip.Contracts", "ChineseClip.Server", "ChineseClip.Demo", "ChineseClip.Model",
            "ChineseClip.Vectors",
        ],
    };

    /// <summary>The pure libraries: no cluster, web server, container or logging in them.</summary>
    private static readonly string[] Pure = ["ChineseClip.Vectors", "ChineseClip.Model", "ChineseClip.Contracts"];

    private static readonly string[] Hosts =
        ["Orleans", "Microsoft.AspNetCore", "Microsoft.Extensions.DependencyInjection", "Microsoft.Extensions.Logging", "Microsoft.Extensions.Hosting"];

    public static TheoryData<string> Projects => [.. Allowed.Keys];

    public static TheoryData<string> PureProjects => [.. Pure];

    [Fact]
    public void EveryProjectOfSrcIsListed()
    {
        var found = Directory.GetFiles(RepositoryRoot.Combine("src"), "*.csproj", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(RepositoryRoot.Combine("src"), file).Split(Path.DirectorySeparatorChar))
            .Where(parts => parts.Length == 2)
            .Select(parts => parts[0]);

        Assert.Equal(Allowed.Keys.Order(), found.Order());
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void ProjectFile_ReferencesOnlyAllowedProjects(string project)
    {
        var file = XDocument.Load(RepositoryRoot.Combine("src", project, project + ".csproj"));
        var referenced = file.Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')));

        Assert.Empty(referenced.Except(Allowed[project]));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Assembly_UsesOnlyAllowedProjects(string project)
    {
        var used = ReferencedNames(project).Where(name => name.StartsWith("ChineseClip.", StringComparison.Ordinal));

        Assert.Empty(used.Except(Allowed[project]));
    }

    [Theory]
    [MemberData(nameof(PureProjects))]
    public void PureLibrary_KnowsNoHost(string project)
    {
        var hosts = ReferencedNames(project).Where(name => Hosts.Any(host => name.StartsWith(host, StringComparison.Ordinal)));

        Assert.Empty(hosts);
    }

    [Fact]
    public void OnlyTheCliAndTestsReferenceTheServer()
    {
        var referencing = Allowed.Keys.Where(project => ReferencedNames(project).Contains("ChineseClip.Server"));

        Assert.Equal(["ChineseClip.Cli"], referencing);
    }

    private static IEnumerable<string> ReferencedNames(string project)
    {
        var assemblyName = project == "ChineseClip.Cli" ? "chineseclip" : project;
        return Assembly.Load(assemblyName).GetReferencedAssemblies().Select(reference => reference.Name!);
    }
}
