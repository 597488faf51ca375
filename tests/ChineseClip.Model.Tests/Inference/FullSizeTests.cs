using System.Diagnostics;
using System.Security.Cryptography;
using ChineseClip.Model.Checkpoints;
using ChineseClip.Testing;

namespace ChineseClip.Model.Tests.Inference;

/// <summary>A ViT-B/16 of the published size. Needs 2 GB of disk and a minute or two, so it runs when asked: <c>--explicit on</c>.</summary>
public sealed class FullSizeTests : IDisposable
{
    private const double Tolerance = 1e-6;

    /// <summary>Of the file that the recipe writes, in Python as in C#.</summary>
    private const string Sha256 = "5b6aaed311cffd4ab07c4b32b7cb6903dfff43b1e479ef0592303f3c8684fe7b";

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact(Explicit = true)]
    [Trait("Kind", "Slow")]
    public void Convert_VitB16_EmbeddingsEqualFloat64()
    {
        string source = _directory["source"];
        GeneratedCheckpoint.Write(source, GeneratedCheckpoint.VitB16, "vitb16", 4.6051702f);
        using (FileStream file = File.OpenRead(Path.Combine(source, "model.safetensors")))
        {
            Assert.Equal(Sha256, Convert.ToHexStringLower(SHA256.HashData(file)));
        }

        using Checkpoint checkpoint = SafetensorsReader.Open(Path.Combine(source, "model.safetensors"));
        var towers = new PlainTowers(
            GeneratedCheckpoint.VitB16, checkpoint.Tensors.ToDictionary(t => t.Key, t => t.Value.ToArray()));
        var random = new Random(3);
        int[][] texts = [.. new[] { 3, 16, 52 }.Select(length =>
            (int[])[101, .. Enumerable.Range(0, length - 2).Select(_ => random.Next(200, 21_000)), 102])];
        byte[][] pictures = [.. Enumerable.Range(1, 2).Select(seed => Picture(seed))];
        float[] pixels = new float[pictures[0].Length];
        double[] expectedTexts = [.. texts.SelectMany(towers.EncodeText)];
        double[] expectedPictures = [];

        foreach (ModelPrecision precision in Enum.GetValues<ModelPrecision>())
        {
            long start = Stopwatch.GetTimestamp();
            ModelConverter.Convert(source, _directory[$"{precision}"], precision, ct: TestContext.Current.CancellationToken);
            TestContext.Current.TestOutputHelper?.WriteLine($"{precision}: converted in {Stopwatch.GetElapsedTime(start)}");
            ModelPackage package = ModelPackage.Open(_directory[$"{precision}"], verifyWeights: true);
            if (expectedPictures.Length == 0)
            {
                expectedPictures = [.. pictures.SelectMany(picture =>
                {
                    package.ImageProcessor.Normalize(picture, pixels);
                    return towers.EncodeImage(pixels);
                })];
            }

            using ITextEncoder text = package.CreateTextEncoder();
            using IImageEncoder images = package.CreateImageEncoder();
            Compare($"{precision} texts", expectedTexts, text.Encode(texts), precision);
            Compare(
                $"{precision} pictures", expectedPictures,
                images.Encode([.. pictures.Select(p => new ReadOnlyMemory<byte>(p))]), precision);
        }
    }

    private static void Compare(string what, double[] expected, float[] actual, ModelPrecision precision)
    {
        const int Dimension = 512;
        double largest = expected.Zip(actual, (e, a) => Math.Abs(e - a)).Max();
        double leastCosine = Enumerable.Range(0, expected.Length / Dimension)
            .Min(row => Enumerable.Range(row * Dimension, Dimension).Sum(i => expected[i] * actual[i]));
        TestContext.Current.TestOutputHelper?.WriteLine($"{what}: largest difference {largest:E2}, least cosine {leastCosine:F6}");
        if (precision == ModelPrecision.Fp32)
        {
            Assert.True(largest <= Tolerance, $"{what}: largest difference is {largest:E2}; at most {Tolerance:E2} allowed");
        }

        Assert.InRange(leastCosine, precision == ModelPrecision.Int8 ? 0.999 : 0.9999, 1.000001);
    }

    /// <summary>Waves and edges: noise would make all pictures alike.</summary>
    private static byte[] Picture(int seed)
    {
        byte[] rgb = new byte[3 * 224 * 224];
        for (int i = 0; i < rgb.Length; i++)
        {
            (int x, int y, int channel) = (i / 3 % 224, i / (3 * 224), i % 3);
            double wave = 60 * Math.Sin(((x * seed) + (y * (channel + 1))) * 0.05);
            rgb[i] = (byte)(128 + wave + ((x / 28 * seed) + (y / 28) % 2 == 0 ? 40 : 0));
        }

        return rgb;
    }
}
