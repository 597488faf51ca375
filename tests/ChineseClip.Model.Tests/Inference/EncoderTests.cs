namespace ChineseClip.Model.Tests.Inference;

public sealed class EncoderTests(TinyModelFixture fixture) : IClassFixture<TinyModelFixture>
{
    [Fact]
    public void EncodeTexts_ManyOfAllLengths_KeepsInputOrder()
    {
        using ITextEncoder encoder = ModelPackage.Open(fixture.Package()).CreateTextEncoder();
        var random = new Random(7);
        int[][] texts = [.. Enumerable.Range(0, 100).Select(_ => RandomText(random))];

        float[] together = encoder.Encode(texts);

        for (int i = 0; i < texts.Length; i++)
        {
            float[] alone = encoder.Encode([texts[i]]);
            float[] row = together[(i * encoder.Dimension)..((i + 1) * encoder.Dimension)];
            Assert.True(alone.Zip(row, (a, b) => Math.Abs(a - b)).Max() < 1e-5, $"text {i} of {texts[i].Length} tokens");
            Assert.Equal(1, Math.Sqrt(row.Sum(x => (double)x * x)), 1e-5);
        }
    }

    [Theory]
    [InlineData(ModelPrecision.Fp32)]
    [InlineData(ModelPrecision.Int8)]
    public void Encode_WeightsLeftAsTheyLie_EqualsPacked(ModelPrecision precision)
    {
        ModelPackage package = ModelPackage.Open(fixture.Package(precision: precision));
        var random = new Random(5);
        int[][] texts = [.. Enumerable.Range(0, 9).Select(_ => RandomText(random))];
        ReadOnlyMemory<byte> picture = RandomPicture(random);
        (float[], float[]) Encode(bool isPacked)
        {
            var options = new EncoderRuntimeOptions { PackWeights = isPacked };
            using ITextEncoder text = package.CreateTextEncoder(options);
            using IImageEncoder images = package.CreateImageEncoder(options);
            return (text.Encode(texts), images.Encode([picture]));
        }

        (float[] packedText, float[] packedImage) = Encode(isPacked: true);
        (float[] text, float[] image) = Encode(isPacked: false);

        Assert.All(packedText.Zip(text), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
        Assert.All(packedImage.Zip(image), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
    }

    [Fact]
    public void EncodeTexts_None_GivesNone()
    {
        using ITextEncoder encoder = ModelPackage.Open(fixture.Package()).CreateTextEncoder();

        Assert.Empty(encoder.Encode([]));
    }

    [Theory]
    [InlineData(new int[0], "0 tokens; expected 1..64")]
    [InlineData(new[] { 7, 384, 8 }, "384; expected 0..383")]
    [InlineData(new[] { 7, -1, 8 }, "-1; expected 0..383")]
    public void EncodeTexts_WrongTokens_NamesTextValueAndBound(int[] text, string named)
    {
        using ITextEncoder encoder = ModelPackage.Open(fixture.Package()).CreateTextEncoder();

        var error = Assert.Throws<ArgumentException>(() => encoder.Encode([[7, 8], text]));

        Assert.Contains("tokenIds[1]", error.Message, StringComparison.Ordinal);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void EncodeImages_WrongLength_NamesPicture()
    {
        using IImageEncoder encoder = ModelPackage.Open(fixture.Package()).CreateImageEncoder();

        var error = Assert.Throws<ArgumentException>(() => encoder.Encode([new byte[64 * 64 * 3], new byte[12]]));

        Assert.Contains("rgb[1] has 12 bytes; expected 12288", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void EncodeImages_SeveralAtOnce_EqualsOneByOne()
    {
        using IImageEncoder encoder = ModelPackage.Open(fixture.Package()).CreateImageEncoder();
        var random = new Random(11);
        ReadOnlyMemory<byte>[] pictures = [.. Enumerable.Range(0, 5).Select(_ => RandomPicture(random))];

        float[] together = encoder.Encode(pictures);

        float[] alone = [.. pictures.SelectMany(p => encoder.Encode([p]))];
        Assert.True(alone.Zip(together, (a, b) => Math.Abs(a - b)).Max() < 1e-5);
        Assert.True(together[..32].Zip(together[32..64], (a, b) => Math.Abs(a - b)).Max() > 1e-4);
    }

    [Fact]
    public void Encode_ManyThreads_GivesTheSame()
    {
        using ITextEncoder encoder = ModelPackage.Open(fixture.Package()).CreateTextEncoder();
        var random = new Random(3);
        int[][] texts = [.. Enumerable.Range(0, 64).Select(_ => RandomText(random))];
        float[][] expected = [.. texts.Select(t => encoder.Encode([t]))];

        Parallel.For(0, texts.Length, i => Assert.Equal(expected[i], encoder.Encode([texts[i]])));
    }

    [Fact]
    public void Create_UnknownProvider_NamesKnownOnes()
    {
        ModelPackage package = ModelPackage.Open(fixture.Package());

        var error = Assert.Throws<ArgumentException>(
            () => package.CreateTextEncoder(new EncoderRuntimeOptions { ExecutionProviders = ["abacus"] }));

        Assert.Contains("\"abacus\"; known are cuda, tensorrt and cpu", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_AcceleratorNotInThisBuild_WarnsOrRefuses()
    {
        ModelPackage package = ModelPackage.Open(fixture.Package());
        var options = new EncoderRuntimeOptions { ExecutionProviders = ["cuda", "cpu"] };
        using ITextEncoder encoder = package.CreateTextEncoder(options);
        Assert.SkipWhen(encoder.ExecutionProvider == "cuda", "This build of ONNX Runtime has CUDA, and a GPU is here.");

        Assert.Equal("cpu", encoder.ExecutionProvider);
        Assert.Contains("\"cuda\" is not available", Assert.Single(encoder.Warnings), StringComparison.Ordinal);
        Assert.Throws<AcceleratorUnavailableException>(
            () => package.CreateTextEncoder(options with { RequireAccelerator = true }));
    }

    private static int[] RandomText(Random random) =>
        [7, .. Enumerable.Range(0, random.Next(0, 50)).Select(_ => random.Next(9, 384)), 8];

    private static ReadOnlyMemory<byte> RandomPicture(Random random)
    {
        byte[] picture = new byte[64 * 64 * 3];
        random.NextBytes(picture);
        return picture;
    }
}
