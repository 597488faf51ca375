using System.Text.Json;
using ChineseClip.Client;
using ChineseClip.Demo;
using ChineseClip.Model;

namespace ChineseClip.Cli.Tests.Documentation;

/// <summary>What the pages show works, on the shipped model, and stands there as it works.</summary>
public sealed class SnippetTests
{
    private static readonly string[] Texts = ["红色的鱼", "蓝色的猫"];

    [Theory]
    [InlineData("docs/model.md", "seed", "inputs", "full", "zero-shot", "evaluation", "generators")]
    [InlineData("README.md", "client+search")]
    public void EveryCSharpBlockOfThePageIsASnippet(string page, params string[] names)
    {
        string[] shown = CSharpBlocks(File.ReadAllText(Path.Combine(Root, page)));

        string[] compiled = [.. names.Select(name => string.Concat(name.Split('+').Select(Snippet)))];
        Assert.Equal(compiled, shown);
    }

    [Fact]
    public void Seed_DemoModel_ComparesThePictureWithTheTexts()
    {
        (string package, string picture) = Prepare();

        (float[][] images, float[][] texts, float[][] logits, float[][] probs) = Snippets.Seed([package, picture]);

        Assert.Equal((1, 4), (images.Length, texts.Length));
        Assert.All(images.Concat(texts), row => Assert.Equal(1, row.Sum(x => (double)x * x), 1e-5));
        double scale = ModelPackage.Open(package).Manifest.LogitScale;
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal(scale * images[0].Zip(texts[i], (x, y) => (double)x * y).Sum(), logits[0][i], 1e-3);
            Assert.Equal(Math.Exp(logits[0][i] - logits[0].Max()) / logits[0].Sum(x => Math.Exp(x - logits[0].Max())), probs[0][i], 1e-5);
        }
    }

    [Fact]
    public async Task OtherSnippets_DemoModel_AgreeWithEachOther()
    {
        (string package, string picture) = Prepare();
        using ChineseClipModel model = ChineseClipModel.Load(package);
        RgbImage image = ImageDecoder.DecodeFile(picture);

        float[] expected = model.Forward([image], Texts).LogitsPerImage[0];
        Assert.All(expected.Zip(Snippets.Inputs(model, image, Texts).LogitsPerImage[0]), pair => Assert.Equal(pair.First, pair.Second, 1e-3));
        Assert.All(
            expected.Zip(Snippets.Full(DemoModel.CheckpointDirectory, image, Texts).Logits.LogitsPerImage[0]),
            pair => Assert.Equal(pair.First, pair.Second, 1e-3));
        Assert.Equal(1, Snippets.ZeroShot(model, image)[0].Sum(), 1e-5);
        int dimension = model.Package.Manifest.Dimension;
        Assert.Equal((dimension, dimension), await Snippets.Generators(package, await File.ReadAllBytesAsync(picture, CliRun.Token)));
        using JsonDocument figures = JsonDocument.Parse(File.ReadAllText(Path.Combine(Retrieval, "recall_t2i.json")));
        Assert.Equal(figures.RootElement.GetProperty("score").GetDouble(), Snippets.Evaluation(Retrieval).MeanRecall);
    }

    [Fact]
    public async Task ReadmeClient_RunningServer_PrintsFiveHits()
    {
        string folder = TestHome.NewDirectory();
        DemoPictures.WriteFiles(folder, DemoPictures.Gallery(12), CliRun.Token);
        await using CliProcess process = CliProcess.Start(
            "serve", "--urls", "http://127.0.0.1:0", "--data", TestHome.NewDirectory(), "--Logging:LogLevel:Default", "Warning");
        Uri server = await process.ServingAsync();
        (await CliRun.OfAsync("collection", "create", "demo", "--model", "demo", "--server", server.AbsoluteUri)).Done();
        (await CliRun.OfAsync("index", folder, "--collection", "demo", "--server", server.AbsoluteUri)).Done();
        using HttpClient http = new() { BaseAddress = server };
        using StringWriter console = new();

        await Snippets.SearchAsync(new HttpChineseClipClient(http), console);

        string[] lines = console.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(5, lines.Length);
        Assert.All(lines, line => Assert.Matches(@"^-?[01]\.[0-9]{3}  \S+$", line.TrimEnd()));
        Assert.NotNull(Snippets.Client());
    }

    private static string Root { get; } = FindRoot();

    private static string Retrieval => Path.Combine(AppContext.BaseDirectory, "Golden", "retrieval");

    private static (string Package, string Picture) Prepare()
    {
        string directory = TestHome.NewDirectory();
        DemoPicture picture = DemoPictures.Gallery(1)[0];
        DemoPictures.WriteFiles(directory, [picture], CliRun.Token);
        return (DemoModel.EnsurePackage(directory, CliRun.Token), Path.Combine(directory, picture.FileName));
    }

    /// <summary>The lines of each C# block, without usings and what they leave empty above the rest.</summary>
    private static string[] CSharpBlocks(string page) =>
    [
        .. page.Split("```csharp\n").Skip(1).Select(block => block[..block.IndexOf("```", StringComparison.Ordinal)])
            .Select(block => Joined(block.Split('\n')[..^1].SkipWhile(line => line.StartsWith("using ChineseClip", StringComparison.Ordinal)
                || line.StartsWith("using Microsoft", StringComparison.Ordinal) || line.Length == 0))),
    ];

    private static string Snippet(string name)
    {
        string[] lines = File.ReadAllLines(Path.Combine(Root, "tests", "ChineseClip.Cli.Tests", "Documentation", "Snippets.cs"));
        int start = Array.FindIndex(lines, line => line.Trim() == $"// snippet {name}");
        Assert.True(start >= 0, $"There is no snippet {name}.");
        int end = Array.FindIndex(lines, start, line => line.Trim() == "// end");
        int indent = lines[start].IndexOf('/', StringComparison.Ordinal);
        return Joined(lines[(start + 1)..end].Select(line => line.Length > indent ? line[indent..] : ""));
    }

    private static string Joined(IEnumerable<string> lines) => string.Concat(lines.Select(line => line + "\n"));

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "ChineseClip.Cluster.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} holds ChineseClip.Cluster.sln.");
    }
}
