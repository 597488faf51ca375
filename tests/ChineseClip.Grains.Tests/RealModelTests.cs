using ChineseClip.Abstractions;
using ChineseClip.Grains.Configuration;
using ChineseClip.Grains.Inference;
using ChineseClip.Model;
using Microsoft.Extensions.Options;

namespace ChineseClip.Grains.Tests;

/// <summary>The whole way with a real (tiny) checkpoint: convert, load, decode, embed, index, search.</summary>
public sealed class RealModelTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PicturesAndTexts_OfATinyCheckpoint_AreFoundAsTheModelRanksThem()
    {
        DirectoryInfo package = Directory.CreateTempSubdirectory("chineseclip-tiny-");
        try
        {
            ModelManifest manifest = ModelConverter.Convert(
                Path.Combine(AppContext.BaseDirectory, "Golden", "tiny-hf"), package.FullName, ct: Token);
            InferenceOptions options = new();
            options.Models["tiny"] = package.FullName;
            PackageCatalog catalog = new(Options.Create(options), Options.Create(new ImageOptions()));
            await using TestSilos silos = await TestSilos.StartAsync(catalog);
            CollectionDefinition definition = await silos.Grains.Collections().CreateAsync(
                new CreateCollection { Name = "pictures", Model = "tiny", Shards = 2 }, Token);
            Assert.Equal(manifest.Sha256, definition.ModelSha256);
            byte[][] pictures = [Bitmap(255, 0, 0), Bitmap(0, 255, 0), Bitmap(0, 0, 255)];

            ItemOutcome[] outcomes = await silos.Grains.Ingest().PutAsync(
                new PutItems
                {
                    Collection = "pictures",
                    Items =
                    [
                        .. pictures.Select((picture, i) => new PutItem { Id = $"p{i}", Image = picture }),
                        new PutItem { Id = "text.jpg", Image = "这不是图片"u8.ToArray() },
                        new PutItem { Id = "truncated", Image = pictures[0].AsMemory(0, 100) },
                        new PutItem { Id = "bomb", Image = Bitmap(0, 0, 0, declaredSide: 60_000) },
                    ],
                },
                Token);

            Assert.All(outcomes[..3], outcome => Assert.True(outcome.Status == ItemStatus.Created, outcome.Error?.Message));
            Assert.Equal(ErrorCode.InvalidInput, outcomes[3].Error!.Code);
            Assert.Equal(ErrorCode.InvalidInput, outcomes[4].Error!.Code);
            Assert.Equal(ErrorCode.TooLarge, outcomes[5].Error!.Code);
            Assert.Contains("bomb", outcomes[5].Error!.Message, StringComparison.Ordinal);

            SearchAnswer byPicture = await silos.Grains.Search().SearchAsync(
                new SearchQuery { Collection = "pictures", Image = pictures[1] }, Token);
            Assert.Equal("p1", byPicture.Hits[0].Id);
            Assert.Equal(1f, byPicture.Hits[0].Score, 1e-4f);

            using ChineseClipModel model = ChineseClipModel.Load(package.FullName);
            float[] text = model.GetTextFeatures(["一只猫"])[0];
            string[] expected =
            [
                .. model.GetImageFeatures([.. pictures.Select(picture => ImageDecoder.Decode(picture, "p"))])
                    .Select((features, i) => (Id: $"p{i}", Score: features.Zip(text, (a, b) => a * b).Sum()))
                    .OrderByDescending(hit => hit.Score)
                    .Select(hit => hit.Id),
            ];
            SearchAnswer byText = await silos.Grains.Search().SearchAsync(
                new SearchQuery { Collection = "pictures", Text = "一只猫" }, Token);
            Assert.Equal(expected, byText.Hits.Select(hit => hit.Id));
        }
        finally
        {
            package.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Prepare_LargeJpeg_IsDecodedScaledWhenConfigured(bool isScaled)
    {
        DirectoryInfo package = Directory.CreateTempSubdirectory("chineseclip-tiny-");
        try
        {
            ModelConverter.Convert(Path.Combine(AppContext.BaseDirectory, "Golden", "tiny-hf"), package.FullName, ct: Token);
            InferenceOptions options = new();
            options.Models["tiny"] = package.FullName;
            byte[] file = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Golden", "jpeg_q90_320x240.jpg"));
            PackageCatalog catalog = new(Options.Create(options), Options.Create(new ImageOptions { ScaledDecoding = isScaled }));

            byte[] prepared = catalog.Get("tiny").Prepare(file, "large.jpg");

            ImageProcessor processor = ModelPackage.Open(package.FullName).ImageProcessor;
            byte[] whole = processor.Resize(ImageDecoder.Decode(file, "large.jpg")).Pixels;
            Assert.Equal(!isScaled, whole.AsSpan().SequenceEqual(prepared));
            Assert.All(whole.Zip(prepared), pair => Assert.InRange(pair.First - pair.Second, -32, 32));
        }
        finally
        {
            package.Delete(recursive: true);
        }
    }

    /// <summary>A 24-bit BMP of one colour with a dark corner, 40 x 40 pixels.</summary>
    private static byte[] Bitmap(byte red, byte green, byte blue, int? declaredSide = null)
    {
        const int Side = 40;
        const int HeaderBytes = 54;
        byte[] file = new byte[HeaderBytes + (Side * Side * 3)];
        "BM"u8.CopyTo(file);
        BitConverter.TryWriteBytes(file.AsSpan(2), file.Length);
        BitConverter.TryWriteBytes(file.AsSpan(10), HeaderBytes);
        BitConverter.TryWriteBytes(file.AsSpan(14), 40);
        BitConverter.TryWriteBytes(file.AsSpan(18), declaredSide ?? Side);
        BitConverter.TryWriteBytes(file.AsSpan(22), declaredSide ?? Side);
        BitConverter.TryWriteBytes(file.AsSpan(26), (short)1);
        BitConverter.TryWriteBytes(file.AsSpan(28), (short)24);
        for (int i = 0; i < Side * Side; i++)
        {
            bool isCorner = i % Side < 12 && i / Side < 12;
            file[HeaderBytes + (i * 3)] = isCorner ? (byte)20 : blue;
            file[HeaderBytes + (i * 3) + 1] = isCorner ? (byte)20 : green;
            file[HeaderBytes + (i * 3) + 2] = isCorner ? (byte)20 : red;
        }

        return file;
    }
}
