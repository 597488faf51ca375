namespace ChineseClip.Model.Tests.Packages;

public sealed class ModelConverterTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private string Output => _directory["package"];

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Convert_TinyModel_DescribesIt()
    {
        ModelManifest manifest = Convert(GoldenFiles.TinyHf, Output);

        Assert.Equal("tiny-hf", manifest.Name);
        Assert.Equal("ViT-3x64/16@64 + BERT-3x64", manifest.Architecture);
        Assert.Equal((32, 64, 52), (manifest.Dimension, manifest.ImageSize, manifest.MaxTextLength));
        Assert.Equal(Math.Exp(2.6592f), manifest.LogitScale, 1e-5);
        Assert.Equal("model.safetensors", manifest.Source);
        Assert.Equivalent(manifest, ModelPackage.Open(Output).Manifest, strict: true);
    }

    [Theory]
    [InlineData(ModelPrecision.Fp32)]
    [InlineData(ModelPrecision.Fp16)]
    [InlineData(ModelPrecision.Int8)]
    public void Convert_Twice_GivesEqualBytes(ModelPrecision precision)
    {
        ModelManifest first = Convert(GoldenFiles.TinyHf, Output, precision);
        ModelManifest second = Convert(GoldenFiles.TinyHf, _directory["again"], precision);

        Assert.Equal(first.Sha256, second.Sha256);
        Assert.Equal(File.ReadAllBytes(Path.Combine(Output, "manifest.json")), File.ReadAllBytes(_directory["again/manifest.json"]));
    }

    [Fact]
    public void Convert_OverPackage_ReplacesIt()
    {
        ModelManifest first = Convert(GoldenFiles.TinyHf, Output);

        ModelManifest second = Convert(GoldenFiles.TinyHf, Output, ModelPrecision.Int8);

        Assert.NotEqual(first.Sha256, second.Sha256);
        Assert.Equal(ModelPrecision.Int8, ModelPackage.Open(Output).Manifest.Precision);
        Assert.Equal([Output], Directory.GetFileSystemEntries(_directory.Path));
    }

    [Fact]
    public void Convert_OverForeignDirectory_LeavesItAlone()
    {
        Directory.CreateDirectory(Output);
        File.WriteAllText(Path.Combine(Output, "letter.txt"), "dear");

        Assert.Throws<IOException>(() => Convert(GoldenFiles.TinyHf, Output));

        Assert.Equal("dear", File.ReadAllText(Path.Combine(Output, "letter.txt")));
        Assert.Equal([Output], Directory.GetFileSystemEntries(_directory.Path));
    }

    [Fact]
    public void Convert_Cancelled_LeavesNothing()
    {
        using var source = new CancellationTokenSource();
        var progress = new CallbackProgress(line =>
        {
            if (line.StartsWith("text tower", StringComparison.Ordinal))
            {
                source.Cancel();
            }
        });

        Assert.Throws<OperationCanceledException>(
            () => ModelConverter.Convert(GoldenFiles.TinyHf, Output, progress: progress, ct: source.Token));

        Assert.Empty(Directory.GetFileSystemEntries(_directory.Path));
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("vocab.txt")]
    public void Convert_FileMissing_NamesIt(string name)
    {
        string source = CopyOfTiny();
        File.Delete(Path.Combine(source, name));

        var error = Assert.Throws<ModelFormatException>(() => Convert(source, Output));

        Assert.Contains(name, error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Output));
    }

    [Fact]
    public void Convert_VocabularyLargerThanModel_Refuses()
    {
        string source = CopyOfTiny();
        File.AppendAllText(Path.Combine(source, "vocab.txt"), string.Concat(Enumerable.Range(0, 400).Select(i => $"more{i}\n")));

        var error = Assert.Throws<ModelFormatException>(() => Convert(source, Output));

        Assert.Contains("text_config.vocab_size is 384", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text.weights", true)]
    [InlineData("vision.weights", true)]
    [InlineData("vision.onnx", false)]
    [InlineData("vocab.txt", false)]
    public void Open_FileChangedByOneBit_NamesIt(string name, bool verifyWeights)
    {
        Convert(GoldenFiles.TinyHf, Output);
        string path = Path.Combine(Output, name);
        byte[] bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(path, bytes);

        var error = Assert.Throws<ModelFormatException>(() => ModelPackage.Open(Output, verifyWeights));

        Assert.Equal(path, error.File);
    }

    [Fact]
    public void Open_WeightsOfAnotherLength_NamesThemWithoutReadingThem()
    {
        Convert(GoldenFiles.TinyHf, Output);
        string path = Path.Combine(Output, "text.weights");
        using (FileStream file = File.OpenWrite(path))
        {
            file.SetLength(file.Length - 1);
        }

        var error = Assert.Throws<ModelFormatException>(() => ModelPackage.Open(Output));

        Assert.Equal(path, error.File);
        Assert.Contains("bytes; the manifest says", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"logitScale\": 14", "\"logitScale\": 15", "sha256 is")]
    [InlineData("\"formatVersion\": 1", "\"formatVersion\": 2", "formatVersion is 2")]
    [InlineData("\"dimension\": 32,", "", "dimension")]
    [InlineData("{", "[", "no manifest")]
    public void Open_ManifestChanged_SaysWhat(string from, string to, string named)
    {
        Convert(GoldenFiles.TinyHf, Output);
        string path = Path.Combine(Output, "manifest.json");
        string json = File.ReadAllText(path);
        Assert.Contains(from, json, StringComparison.Ordinal);
        File.WriteAllText(path, json.Replace(from, to, StringComparison.Ordinal));

        var error = Assert.Throws<ModelFormatException>(() => ModelPackage.Open(Output));

        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_NoPackage_SaysSo()
    {
        var error = Assert.Throws<ModelFormatException>(() => ModelPackage.Open(_directory.Path));

        Assert.Contains("manifest.json", error.Message, StringComparison.Ordinal);
    }

    private static ModelManifest Convert(string source, string output, ModelPrecision precision = ModelPrecision.Fp32) =>
        ModelConverter.Convert(source, output, precision, ct: TestContext.Current.CancellationToken);

    private string CopyOfTiny()
    {
        string copy = _directory["source"];
        Directory.CreateDirectory(copy);
        foreach (string file in Directory.GetFiles(GoldenFiles.TinyHf))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        return copy;
    }

    private sealed class CallbackProgress(Action<string> callback) : IProgress<string>
    {
        public void Report(string value) => callback(value);
    }
}
