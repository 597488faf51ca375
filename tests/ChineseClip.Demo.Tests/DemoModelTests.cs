using ChineseClip.Model;

namespace ChineseClip.Demo.Tests;

public sealed class DemoModelTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("chineseclip-model-").FullName;

    private static string Checkpoint => Path.Combine(AppContext.BaseDirectory, "tiny-hf");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void EnsurePackage_FirstUse_ConvertsAPackageThatOpens()
    {
        var package = Ensure();
        Assert.NotEmpty(ModelPackage.Open(package).Manifest.Files);
        Assert.StartsWith(Path.Combine(_directory, "demo-"), package, StringComparison.Ordinal);
    }

    [Fact]
    public void EnsurePackage_SecondUse_LeavesThePackageAlone()
    {
        var package = Ensure();
        var written = Files(package);
        Assert.Equal(package, Ensure());
        Assert.Equal(written, Files(package));
    }

    [Fact]
    public void EnsurePackage_DamagedPackage_ConvertsAnew()
    {
        var package = Ensure();
        var largest = new DirectoryInfo(package).GetFiles().MaxBy(file => file.Length)!.FullName;
        using (var file = File.OpenWrite(largest))
        {
            file.WriteByte(255);
            file.WriteByte(254);
        }

        Assert.Throws<ModelFormatException>(() => ModelPackage.Open(package, verifyWeights: true));
        Assert.NotNull(ModelPackage.Open(Ensure()));
    }

    [Fact]
    public void EnsurePackage_NoCheckpoint_NamesTheFolder()
    {
        var missing = Path.Combine(_directory, "nowhere");
        var error = Assert.Throws<FileNotFoundException>(
            () => DemoModel.EnsurePackage(missing, _directory, TestContext.Current.CancellationToken));
        Assert.Contains(missing, error.Message, StringComparison.Ordinal);
    }

    private string Ensure() => DemoModel.EnsurePackage(Checkpoint, _directory, TestContext.Current.CancellationToken);

    private static (string Name, DateTime Written)[] Files(string package) =>
        [.. new DirectoryInfo(package).GetFiles().OrderBy(file => file.Name).Select(file => (file.Name, file.LastWriteTimeUtc))];
}
