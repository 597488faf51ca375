namespace ChineseClip.Model.Tests.Inference;

public sealed class ChineseClipModelTests(TinyModelFixture fixture) : IClassFixture<TinyModelFixture>
{
    private const int Dimension = 32;

    [Fact]
    public void Forward_PicturesAndTexts_AgreesWithEachOther()
    {
        using var model = ChineseClipModel.Load(fixture.Package());
        RgbImage[] images = [Picture(64, 64, 1), Picture(120, 80, 2), Picture(33, 97, 3)];
        string[] texts = ["一只红色的猫", "the red dog"];

        ImageTextLogits logits = model.Forward(images, texts);

        float[][] imageFeatures = model.GetImageFeatures(images);
        float[][] textFeatures = model.GetTextFeatures(texts);
        Assert.All(imageFeatures.Concat(textFeatures), f => Assert.Equal(Dimension, f.Length));
        Assert.All(imageFeatures.Concat(textFeatures), f => Assert.Equal(1, Math.Sqrt(f.Sum(x => (double)x * x)), 1e-5));
        double cosine = imageFeatures[2].Zip(textFeatures[1], (a, b) => (double)a * b).Sum();
        Assert.Equal(cosine * model.Package.Manifest.LogitScale, logits.LogitsPerImage[2][1], 1e-3);
        Assert.Equal(logits.LogitsPerImage[1][0], logits.LogitsPerText[0][1]);
        Assert.All(logits.Probabilities, row => Assert.Equal(1, row.Sum(), 1e-5));
    }

    [Fact]
    public void GetTextFeatures_GoldenTexts_EqualReference()
    {
        using var model = ChineseClipModel.Load(fixture.Package());
        double[] expected = GoldenFiles.TinyOutputs["f64.text_embeds"].AsDouble();

        float[][] features = model.GetTextFeatures(["", "猫", "狗", "一只红色的猫", "皮卡丘"]);

        for (int i = 0; i < features.Length; i++)
        {
            double largest = features[i].Select((x, j) => Math.Abs(x - expected[(i * Dimension) + j])).Max();
            Assert.True(largest < 1e-5, $"text {i} differs by {largest:E2}");
        }
    }

    [Fact]
    public void GetFeatures_NotNormalized_AreTheReferencesProjections()
    {
        using var model = ChineseClipModel.Load(fixture.Package());
        double[] expected = GoldenFiles.TinyOutputs["text_features"].AsDouble();

        float[][] texts = model.GetTextFeatures(["", "猫", "狗", "一只红色的猫"], isNormalized: false);
        float[] image = model.GetImageFeatures([Picture(64, 64, 1)], isNormalized: false)[0];
        float[] unit = model.GetImageFeatures([Picture(64, 64, 1)])[0];

        Assert.True(texts.SelectMany(r => r).Zip(expected, (a, e) => Math.Abs(a - e)).Max() < 2e-5);
        double norm = Math.Sqrt(image.Sum(x => (double)x * x));
        Assert.NotEqual(1, norm, 1e-2);
        Assert.True(image.Zip(unit, (x, u) => Math.Abs((x / norm) - u)).Max() < 1e-6);
    }

    [Fact]
    public void GetImageFeatures_GoldenPixels_EqualReference()
    {
        // grad_64x64.png needs no resizing, so the golden pixel values give its bytes back.
        using var model = ChineseClipModel.Load(fixture.Package());
        float[] pixels = GoldenFiles.TinyOutputs["pixel_values"].AsSingle();
        byte[] rgb = new byte[64 * 64 * 3];
        IReadOnlyList<double> mean = model.Package.ImageProcessor.Options.ImageMean;
        IReadOnlyList<double> std = model.Package.ImageProcessor.Options.ImageStd;
        for (int i = 0; i < rgb.Length; i++)
        {
            int channel = i % 3;
            double value = (pixels[(channel * 64 * 64) + (i / 3)] * std[channel]) + mean[channel];
            rgb[i] = (byte)Math.Round(value * 255);
        }

        float[] features = model.GetImageFeatures([new RgbImage(64, 64, rgb)])[0];

        double[] expected = GoldenFiles.TinyOutputs["f64.image_embeds"].AsDouble();
        Assert.True(features.Select((x, j) => Math.Abs(x - expected[j])).Max() < 1e-5);
    }

    /// <summary>The reference's way: inputs from the processor, then the model.</summary>
    [Fact]
    public void Forward_ProcessedInputs_EqualsTextsAndPictures()
    {
        using var model = ChineseClipModel.Load(fixture.Package());
        RgbImage[] images = [Picture(64, 64, 1), Picture(120, 80, 2), Picture(33, 97, 3)];
        string[] texts = ["一只红色的猫", "狗"];

        ProcessedInputs inputs = model.Processor.Process(texts, images, new TokenBatchOptions { Padding = TokenPadding.MaxLength });

        ImageTextLogits expected = model.Forward(images, texts);
        ImageTextLogits actual = model.Forward(inputs);
        Assert.All(
            expected.LogitsPerImage.SelectMany(row => row).Zip(actual.LogitsPerImage.SelectMany(row => row)),
            pair => Assert.Equal(pair.First, pair.Second, 2e-5));
        Assert.Throws<ArgumentException>(() => model.Forward(inputs with { PixelValues = null }));
        Assert.Throws<ArgumentException>(() => model.GetImageFeatures(new float[5]));
    }

    [Fact]
    public void Classify_SeveralTemplates_IsTheMeanOfTheirFeaturesRenormalized()
    {
        using var model = ChineseClipModel.Load(fixture.Package());
        string[] labels = ["猫", "狗", "鱼"];
        RgbImage image = Picture(64, 64, 1);

        float[] shares = model.Classify([image], labels, ["{}", "一张{}的照片", "这是{}"])[0];

        double[] logits = [.. labels.Select(label =>
        {
            float[][] prompts = model.GetTextFeatures([label, $"一张{label}的照片", $"这是{label}"]);
            double[] mean = [.. Enumerable.Range(0, Dimension).Select(i => prompts.Average(p => (double)p[i]))];
            double norm = Math.Sqrt(mean.Sum(x => x * x));
            float[] picture = model.GetImageFeatures([image])[0];
            return model.Package.Manifest.LogitScale * mean.Select((x, i) => x / norm * picture[i]).Sum();
        })];
        double total = logits.Sum(Math.Exp);
        Assert.All(logits.Zip(shares), pair => Assert.Equal(Math.Exp(pair.First) / total, pair.Second, 1e-5));
    }

    [Fact]
    public void Classify_LabelsAndTemplates_GivesSharesOfEachPicture()
    {
        using var model = ChineseClipModel.Load(fixture.Package());

        float[][] shares = model.Classify([Picture(64, 64, 1), Picture(90, 60, 5)], ["猫", "狗", "鱼"], ["{}", "一张{}的照片"]);

        Assert.Equal(2, shares.Length);
        Assert.All(shares, row => Assert.Equal(1, row.Sum(), 1e-5));
        Assert.All(shares, row => Assert.Equal(3, row.Length));
    }

    private static RgbImage Picture(int width, int height, int seed)
    {
        byte[] pixels = new byte[width * height * 3];
        new Random(seed).NextBytes(pixels);
        return new RgbImage(width, height, pixels);
    }
}
