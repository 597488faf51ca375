using System.Text;
using ChineseClip.Vectors.Persistence;

namespace ChineseClip.Vectors.Tests.Persistence;

/// <summary>Files that are not what was written are refused, with the place.</summary>
public sealed class DamagedSnapshotTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly string _snapshot;

    public DamagedSnapshotTests()
    {
        using ChangingIndex index = new(VectorQuantization.Sq7);
        index.Change(400, grow: true);
        index.Change(300, grow: false);
        _snapshot = _directory["a"];
        index.Save(_snapshot);
    }

    private string Manifest => Path.Combine(_snapshot, ManifestDocument.FileName);

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Open_WithAnyByteOfTheManifestFlipped_IsRefused()
    {
        byte[] bytes = File.ReadAllBytes(Manifest);
        for (int i = 0; i < bytes.Length; i++)
        {
            // One bit of each byte in turn, and the one that makes a small letter a capital.
            foreach (int bit in (int[])[i % 8, 5])
            {
                byte[] damaged = [.. bytes];
                damaged[i] ^= (byte)(1 << bit);
                File.WriteAllBytes(Manifest, damaged);
                AssertRefused(Manifest);
            }
        }
        File.WriteAllBytes(Manifest, bytes);
        HnswIndex.Open(_snapshot).Dispose();
    }

    [Fact]
    public void Open_WithAByteOfAnyFileFlipped_IsRefused()
    {
        Random random = new(1);
        foreach (string file in DataFiles())
        {
            byte[] bytes = File.ReadAllBytes(file);
            foreach (int place in (int[])[0, bytes.Length - 1, .. Enumerable.Range(0, 40).Select(_ => random.Next(bytes.Length))])
            {
                bytes[place] ^= 1;
                File.WriteAllBytes(file, bytes);
                AssertRefused(file);
                bytes[place] ^= 1;
            }
            File.WriteAllBytes(file, bytes);
        }
        HnswIndex.Open(_snapshot).Dispose();
    }

    [Theory]
    [InlineData(IndexVerification.Checksums)]
    [InlineData(IndexVerification.Lengths)]
    public void Open_WithAFileCutOrLengthened_IsRefusedAtItsEnd(IndexVerification verification)
    {
        foreach (string file in DataFiles())
        {
            byte[] bytes = File.ReadAllBytes(file);
            foreach (int length in (int[])[0, 1, bytes.Length / 2, bytes.Length - 1, bytes.Length + 1])
            {
                byte[] other = bytes;
                Array.Resize(ref other, length);
                File.WriteAllBytes(file, other);
                IndexFileException refusal = AssertRefused(file, verification);
                Assert.Equal(Math.Min(length, bytes.Length), refusal.Offset);
                Assert.Contains($"{bytes.Length} bytes; it has {length}", refusal.Expectation, StringComparison.Ordinal);
            }
            File.WriteAllBytes(file, bytes);
        }
    }

    [Fact]
    public void Open_WithTheManifestCutAnywhere_IsRefused()
    {
        byte[] bytes = File.ReadAllBytes(Manifest);
        for (int length = 0; length < bytes.Length; length += length < 100 ? 1 : 37)
        {
            File.WriteAllBytes(Manifest, bytes[..length]);
            AssertRefused(Manifest);
        }
    }

    [Fact]
    public void Open_WithAFileMissing_IsRefused()
    {
        foreach (string file in Directory.GetFiles(_snapshot))
        {
            File.Move(file, file + ".away");
            AssertRefused(file, IndexVerification.Lengths);
            File.Move(file + ".away", file);
        }
        Assert.Equal(Path.Combine(_directory["nowhere"], ManifestDocument.FileName),
            Assert.Throws<IndexFileException>(() => HnswIndex.Open(_directory["nowhere"])).File);
    }

    [Fact]
    public void Open_WithFilesOfTheSameLengthSwapped_IsRefused()
    {
        using ChangingIndex other = new(VectorQuantization.Sq7, seed: 2);
        other.Change(400, grow: true);
        other.Change(300, grow: false);
        other.Save(_directory["other"]);
        foreach (string file in DataFiles())
        {
            byte[] bytes = File.ReadAllBytes(file);
            byte[] strange = File.ReadAllBytes(Path.Combine(_directory["other"], Path.GetFileName(file)));
            Array.Resize(ref strange, bytes.Length);
            File.WriteAllBytes(file, strange);
            AssertRefused(file);
            File.WriteAllBytes(file, bytes);
        }
    }

    [Theory]
    [InlineData("\"version\": 3", "\"version\": 4", "format version 4")]
    [InlineData("\"version\": 3", "\"version\": 0", "format version 0")]
    [InlineData("\"format\": \"chineseclip-hnsw\"", "\"format\": \"other\"", "format must be chineseclip-hnsw; it is other")]
    [InlineData("\"m\": 6", "\"m\": 600", "M is 600")]
    [InlineData("\"m\": 6", "\"m\": 40", "table base-edges must be")]
    [InlineData("\"slotCount\": ", "\"slotCount\": 9", "table nodes must be 9")]
    [InlineData("\"entryLevel\": ", "\"otherName\": ", "must have a number entryLevel")]
    [InlineData("lists.bin", "../lists.bin", "must be the name of a file")]
    [InlineData("\"parameters\"", "\"other\"", "is no manifest")]
    public void Open_WithAManifestThatSaysOtherwise_IsRefused(string text, string replacement, string expectation)
    {
        string body = Encoding.UTF8.GetString(File.ReadAllBytes(Manifest).AsSpan(ManifestDocument.HeadLength));
        Assert.Contains(text, body, StringComparison.Ordinal);
        body = body.Replace(text, replacement, StringComparison.Ordinal);
        string checksum = Checksum.Of(Encoding.UTF8.GetBytes(body));
        File.WriteAllText(Manifest, "{\"xxh128\": \"" + checksum + "\",\n" + body);

        Assert.Contains(expectation, AssertRefused(Manifest).Expectation, StringComparison.Ordinal);
    }

    [Fact]
    public void ReadVectors_OfADamagedGraph_GivesAllThatLive()
    {
        Dictionary<int, float[]> expected = [];
        using (HnswIndex index = HnswIndex.Open(_snapshot))
        {
            for (int ordinal = 0; ordinal < 700; ordinal++)
            {
                float[] vector = new float[index.Dimension];
                if (index.TryGetVector(ordinal, vector))
                {
                    expected.Add(ordinal, vector);
                }
            }
            Assert.Equal(index.Count, expected.Count);
        }
        string[] needed = ["nodes-00000.bin", "vectors-00000.bin"];
        foreach (string file in DataFiles().Where(file => !needed.Contains(Path.GetFileName(file))))
        {
            File.Delete(file);
        }

        Dictionary<int, float[]> found = [];
        HnswIndex.ReadVectors(_snapshot, (ordinal, vector) => found.Add(ordinal, vector.ToArray()));

        Assert.Equal(expected, found);
        foreach (string file in needed.Select(name => Path.Combine(_snapshot, name)))
        {
            byte[] bytes = File.ReadAllBytes(file);
            File.WriteAllBytes(file, [.. bytes[..^1], (byte)(bytes[^1] ^ 1)]);
            Assert.Equal(file, Assert.Throws<IndexFileException>(() => HnswIndex.ReadVectors(_snapshot, (_, _) => { })).File);
            File.WriteAllBytes(file, bytes);
        }
    }

    private string[] DataFiles() => [.. Directory.GetFiles(_snapshot).Where(file => file != Manifest)];

    private IndexFileException AssertRefused(string file, IndexVerification verification = IndexVerification.Checksums)
    {
        IndexFileException refusal = Assert.Throws<IndexFileException>(
            () => HnswIndex.Open(_snapshot, new HnswOpenOptions { Verification = verification }).Dispose());
        Assert.Equal(file, refusal.File);
        return refusal;
    }
}
