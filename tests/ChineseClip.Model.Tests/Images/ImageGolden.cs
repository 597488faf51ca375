using System.Security.Cryptography;
using System.Text.Json;

namespace ChineseClip.Model.Tests.Images;

/// <summary>Source pictures and the digests of what Pillow 9.4.0 and HF transformers 4.34 made of them.</summary>
internal static class ImageGolden
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static IReadOnlyList<Picture> Pictures { get; } = ReadDigests(PathOf("digests.json"));

    /// <summary>Small pictures in every variant of the formats (Golden/formats/make_formats.py).</summary>
    public static IReadOnlyList<Picture> Variants { get; } = ReadDigests(VariantPath("digests.json"));

    public static TheoryData<string> Files => [.. Pictures.Select(picture => picture.File)];

    public static Picture Find(string file) => Pictures.Single(picture => picture.File == file);

    public static string PathOf(params string[] parts) => Path.Combine([AppContext.BaseDirectory, "Golden", "images", .. parts]);

    public static string VariantPath(string file) => Path.Combine(AppContext.BaseDirectory, "Golden", "formats", file);

    public static byte[] Read(string file) => File.ReadAllBytes(PathOf("src", file));

    public static RgbImage Decode(string file) => ImageDecoder.Decode(Read(file), file);

    public static void AssertEqual(Digest expected, RgbImage actual)
    {
        Assert.Equal((expected.Width, expected.Height), (actual.Width, actual.Height));
        Assert.Equal(expected.Sha256, Convert.ToHexStringLower(SHA256.HashData(actual.Pixels)));
    }

    private static Picture[] ReadDigests(string path) => JsonSerializer.Deserialize<Document>(File.ReadAllText(path), Json)!.Images;

    internal sealed record Digest(int Width, int Height, string Sha256);

    internal sealed record ArrayDigest(int[] Shape, string Sha256);

    internal sealed record Picture(
        string File,
        string Mode,
        string Format,
        Digest Rgb,
        Digest? RgbExif,
        Dictionary<string, Digest> Resized,
        Dictionary<string, ArrayDigest> PixelValues);

    private sealed record Document(string Source, Picture[] Images);
}
