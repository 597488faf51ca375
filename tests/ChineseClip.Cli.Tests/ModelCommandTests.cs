using System.Text.Json;
using ChineseClip.Demo;
using ChineseClip.Model;
using ChineseClip.Testing;

namespace ChineseClip.Cli.Tests;

/// <summary>Commands that need a model and no server, against the tiny golden model.</summary>
public sealed class ModelCommandTests(TinyModel tiny) : IClassFixture<TinyModel>
{
    private const string Text = "一只红色的鱼";

    [Fact]
    public async Task ModelConvertThenInfo_TellTheSame()
    {
        JsonElement converted = tiny.Conversion.Json();
        JsonElement shown = (await CliRun.OfAsync("model", "info", tiny.Package, "--json")).Done().Json();

        Assert.Equal(converted.GetProperty("sha256").GetString(), shown.GetProperty("sha256").GetString());
        Assert.Equal("fp32", shown.GetProperty("precision").GetString());
        Assert.Equal(ModelPackage.Open(tiny.Package).Manifest.Dimension, shown.GetProperty("dimension").GetInt32());
        Assert.Contains("model.safetensors", shown.GetProperty("source").GetString(), StringComparison.Ordinal);
        CliRun table = (await CliRun.OfAsync("model", "info", tiny.Package)).Done();
        Assert.Contains(shown.GetProperty("architecture").GetString()!, table.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ModelInfoVerify_ChangedWeights_NamesTheFile()
    {
        string package = Path.Combine(TestHome.NewDirectory(), "package");
        (await CliRun.OfAsync("model", "convert", TinyModel.Checkpoint, "--out", package)).Done();
        Assert.Contains("SHA-256 of every file", (await CliRun.OfAsync("model", "info", package, "--verify")).Done().Output, StringComparison.Ordinal);
        await using (FileStream file = File.OpenWrite(Path.Combine(package, "vision.weights")))
        {
            file.WriteByte(255);
            file.WriteByte(254);
        }

        Assert.Contains("--verify", (await CliRun.OfAsync("model", "info", package)).Done().Output, StringComparison.Ordinal);
        CliRun refused = await CliRun.OfAsync("model", "info", package, "--verify");

        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("vision.weights", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ModelList_GivesGoodAndDamagedPackages()
    {
        string models = TestHome.NewDirectory();
        (await CliRun.OfAsync("model", "convert", TinyModel.Checkpoint, "--out", Path.Combine(models, "good"))).Done();
        (await CliRun.OfAsync("model", "convert", TinyModel.Checkpoint, "--out", Path.Combine(models, "damaged"))).Done();
        await File.AppendAllTextAsync(Path.Combine(models, "damaged", "vocab.txt"), "x", CliRun.Token);

        JsonElement[] listed = [.. (await CliRun.OfAsync("model", "list", "--dir", models, "--json")).Done().Json().GetProperty("models").EnumerateArray()];

        Assert.Equal(["damaged", "good"], listed.Select(model => model.GetProperty("name").GetString()));
        Assert.Contains("vocab.txt", listed[0].GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.False(listed[1].TryGetProperty("error", out _));
    }

    /// <summary>ONNX Runtime's published builds keep an identifier of the machine in the user's cache, and send off what they are used for.</summary>
    [Fact]
    public async Task Embed_InAHomeOfItsOwn_LeavesNoTelemetry()
    {
        string home = TestHome.NewDirectory();
        await using CliProcess process = CliProcess.StartAt(home, "embed", "--model", tiny.Package, "--text", Text);

        CliRun run = (await process.EndAsync()).Done();

        Assert.Contains("embedding", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(
            Directory.EnumerateFileSystemEntries(home, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }),
            path => path.Contains("onnxruntime", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task ModelList_NoSuchDirectory_SaysSo()
    {
        string missing = Path.Combine(TestHome.NewDirectory(), "missing");

        CliRun run = await CliRun.OfAsync("model", "list", "--dir", missing);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains($"no directory '{missing}'", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ModelConvert_PicturesSmallerThanAPatch_NamesBothInOneLine()
    {
        CliRun run = await CliRun.OfAsync("model", "convert", TinyModel.Checkpoint, "--out", Path.Combine(TestHome.NewDirectory(), "p"), "--image-size", "5");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("picture size is 5; this model takes 16..4096", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Parameter", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Embed_TextsAndStdin_GivesUnitVectorsInOrder()
    {
        CliRun run = await CliRun.WithInputAsync("蓝色的猫\n三个苹果\n", "embed", "--model", tiny.Package, "--text", Text, "--text", "@鱼", "--stdin");
        JsonElement[] lines = run.Done().JsonLines();
        using ChineseClipModel model = ChineseClipModel.Load(tiny.Package);

        string[] expected = [Text, "@鱼", "蓝色的猫", "三个苹果"];
        Assert.Contains(Text, run.Output, StringComparison.Ordinal);
        Assert.Equal(expected, lines.Select(line => line.GetProperty("input").GetString()));
        for (int i = 0; i < expected.Length; i++)
        {
            float[] embedding = Floats(lines[i].GetProperty("embedding"));
            Assert.Equal("text", lines[i].GetProperty("kind").GetString());
            Assert.Equal(embedding.Length, lines[i].GetProperty("dimension").GetInt32());
            Assert.Equal(1, embedding.Sum(value => (double)value * value), 1e-5);
            float[] alone = model.GetTextFeatures([expected[i]])[0];
            Assert.All(alone.Zip(embedding), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
        }
    }

    [Fact]
    public async Task Embed_BlankText_IsRefused()
    {
        CliRun run = await CliRun.WithInputAsync("鱼\n\n", "embed", "--model", tiny.Package, "--stdin");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("Text 2 is blank", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Embed_NotAPicture_NamesTheFile()
    {
        string path = Path.Combine(TestHome.NewDirectory(), "text.jpg");
        await File.WriteAllTextAsync(path, "This is no picture.", CliRun.Token);

        CliRun run = await CliRun.OfAsync("embed", "--model", tiny.Package, "--image", path);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(path, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SimilarityAndClassify_GiveProbabilities()
    {
        string picture = Picture(0);
        JsonElement similarity = (await CliRun.OfAsync(
            "similarity", "--model", tiny.Package, "--image", picture, "--text", "鱼", "猫", "--json")).Done().Json();
        JsonElement classes = (await CliRun.OfAsync(
            "classify", "--model", tiny.Package, "--image", picture, "--labels", "鱼，猫,房子", "--json")).Done().Json();

        float scale = similarity.GetProperty("logitScale").GetSingle();
        float[] logits = Floats(similarity.GetProperty("logitsPerImage")[0]);
        Assert.Equal(2, logits.Length);
        Assert.All(logits, logit => Assert.InRange(logit, -scale * 1.001f, scale * 1.001f));
        Assert.Equal(1, Floats(similarity.GetProperty("probabilities")[0]).Sum(), 1e-5);
        JsonElement[] labels = [.. classes.GetProperty("results")[0].GetProperty("labels").EnumerateArray()];
        Assert.Equal(["房子", "猫", "鱼"], labels.Select(label => label.GetProperty("label").GetString()).Order(StringComparer.Ordinal));
        float[] probabilities = [.. labels.Select(label => label.GetProperty("probability").GetSingle())];
        Assert.Equal(probabilities.OrderDescending(), probabilities);
        Assert.Equal(1, probabilities.Sum(), 1e-5);
    }

    [Fact]
    public async Task Classify_FilesOfLabelsAndTemplates_EqualOptions()
    {
        string directory = TestHome.NewDirectory();
        string labels = Path.Combine(directory, "labels.txt");
        string templates = Path.Combine(directory, "templates.txt");
        await File.WriteAllTextAsync(labels, "鱼\n\n 猫, 和狗\n", CliRun.Token);
        await File.WriteAllTextAsync(templates, "这是{}\n{}的图\n", CliRun.Token);
        string picture = Picture(0);

        JsonElement[] found = [.. (await CliRun.OfAsync(
            "classify", "--model", tiny.Package, "--image", picture, "--labels-file", labels, "--template", "一张{}的照片", "--templates", templates, "--json"))
            .Done().Json().GetProperty("results")[0].GetProperty("labels").EnumerateArray()];
        CliRun wrong = await CliRun.OfAsync("classify", "--model", tiny.Package, "--image", picture, "--labels", "鱼", "--templates", labels);

        using ChineseClipModel model = ChineseClipModel.Load(tiny.Package);
        float[] expected = model.Classify([ImageDecoder.DecodeFile(picture)], ["鱼", "猫, 和狗"], ["一张{}的照片", "这是{}", "{}的图"])[0];
        Assert.Equal(expected.OrderDescending(), found.Select(label => label.GetProperty("probability").GetSingle()));
        Assert.Contains(found, label => label.GetProperty("label").GetString() == "猫, 和狗");
        Assert.Equal(1, wrong.ExitCode);
        Assert.Contains("The template '鱼' lacks {}", wrong.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ModelConvert_ImageSize_ChangesTheModel()
    {
        string package = Path.Combine(TestHome.NewDirectory(), "larger");

        JsonElement shown = (await CliRun.OfAsync("model", "convert", TinyModel.Checkpoint, "--out", package, "--image-size", "96", "--json")).Done().Json();
        CliRun wrong = await CliRun.OfAsync("model", "convert", TinyModel.Checkpoint, "--out", package, "--image-size", "9000");

        Assert.Equal(96, shown.GetProperty("imageSize").GetInt32());
        Assert.Equal(32, (await CliRun.OfAsync("embed", "--model", package, "--image", Picture(0))).Done().JsonLines()[0].GetProperty("dimension").GetInt32());
        Assert.Equal(2, wrong.ExitCode);
        Assert.Contains("--image-size is '9000'; must be a whole number, 0..4096", wrong.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reference_Ofa_ChangesTokensAndPixels()
    {
        // A word of 150 letters is one unknown token for Hugging Face and pieces for OFA-Sys.
        string word = new('a', 150);
        string gray = Path.Combine(AppContext.BaseDirectory, "Golden", "gray16_64x48.png");
        string[] directories = [TestHome.NewDirectory(), TestHome.NewDirectory()];

        string[] tokens = [.. await Task.WhenAll(new[] { "hf", "ofa" }.Select(async reference =>
            (await CliRun.OfAsync("tokenize", "--model", tiny.Package, "--reference", reference, "--text", word)).Done().Output))];
        (await CliRun.OfAsync("preprocess", "--model", tiny.Package, "--image", gray, "--out", directories[0])).Done();
        (await CliRun.OfAsync("preprocess", "--model", tiny.Package, "--image", gray, "--out", directories[1], "--reference", "ofa")).Done();
        JsonElement ofa = (await CliRun.OfAsync("embed", "--model", tiny.Package, "--image", gray, "--reference", "ofa")).Done().JsonLines()[0];

        Assert.NotEqual(tokens[0], tokens[1]);
        using ChineseClipModel model = ChineseClipModel.Load(tiny.Package);
        byte[] file = await File.ReadAllBytesAsync(gray, CliRun.Token);
        float[][] pixels = [.. directories.Select(directory => NpyArray.Read(Path.Combine(directory, "gray16_64x48.png.npy")).AsSingle())];
        Assert.Equal(model.Package.ImageProcessor.Process(ImageDecoder.Decode(file, gray)), pixels[0]);
        Assert.NotEqual(pixels[0], pixels[1]);
        float[] expected = model.GetImageFeatures(pixels[1])[0];
        Assert.All(expected.Zip(Floats(ofa.GetProperty("embedding"))), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
    }

    [Fact]
    public async Task Tokenize_ModelAndVocabulary_GiveTheSame()
    {
        string[] withModel = ["tokenize", "--model", tiny.Package, "--text", Text];
        string[] withVocabulary = ["tokenize", "--vocab", Path.Combine(tiny.Package, "vocab.txt"), "--reference", "hf", "--text", Text];
        CliRun fromModel = (await CliRun.OfAsync(withModel)).Done();
        CliRun fromVocabulary = (await CliRun.OfAsync(withVocabulary)).Done();

        ChineseClipTokenizer tokenizer = ModelPackage.Open(tiny.Package).Tokenizer;
        JsonElement line = Assert.Single(fromModel.JsonLines());
        Assert.Equal(fromModel.Output, fromVocabulary.Output);
        Assert.Equal(Text, line.GetProperty("text").GetString());
        int[] ids = [.. line.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())];
        Assert.Equal(Text.Length, ids.Length);
        Assert.Equal([tokenizer.ClsId, .. ids, tokenizer.SepId], line.GetProperty("encoded").EnumerateArray().Select(id => id.GetInt32()));
        Assert.Equal(tokenizer.Tokenize(Text), line.GetProperty("tokens").EnumerateArray().Select(token => token.GetString()!));
    }

    [Fact]
    public async Task Preprocess_WritesThePixelValues()
    {
        string picture = Picture(1);
        string directory = TestHome.NewDirectory();

        (await CliRun.OfAsync("preprocess", "--model", tiny.Package, "--image", picture, "--out", directory)).Done();

        NpyArray written = NpyArray.Read(Path.Combine(directory, Path.GetFileName(picture) + ".npy"));
        ImageProcessor processor = ModelPackage.Open(tiny.Package).ImageProcessor;
        Assert.Equal([3, processor.OutputHeight, processor.OutputWidth], written.Shape);
        RgbImage decoded = ImageDecoder.Decode(await File.ReadAllBytesAsync(picture, CliRun.Token), picture);
        Assert.Equal(processor.Process(decoded), written.AsSingle());
    }

    [Fact]
    public async Task Preprocess_SameNameTwice_IsRefusedBeforeWriting()
    {
        string directory = TestHome.NewDirectory();

        CliRun run = await CliRun.OfAsync("preprocess", "--model", tiny.Package, "--image", "a/x.jpg", "b/x.jpg", "--out", directory);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("'a/x.jpg' and 'b/x.jpg' would both be written to x.jpg.npy", run.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory));
    }

    private static string Picture(int index)
    {
        string directory = TestHome.NewDirectory();
        DemoPicture picture = DemoPictures.Gallery(index + 1)[index];
        DemoPictures.WriteFiles(directory, [picture], CliRun.Token);
        return Path.Combine(directory, picture.FileName);
    }

    private static float[] Floats(JsonElement array) => [.. array.EnumerateArray().Select(value => value.GetSingle())];
}
