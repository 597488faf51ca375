using ChineseClip.Vectors.Persistence;

namespace ChineseClip.Vectors.Tests.Persistence;

public sealed class IndexSnapshotTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public static TheoryData<VectorQuantization> Quantizations => [.. Enum.GetValues<VectorQuantization>()];

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(VectorQuantization.None, 16)]
    [InlineData(VectorQuantization.Sq7, 16)]
    [InlineData(VectorQuantization.Sq7S16, 16)]
    [InlineData(VectorQuantization.Sq7, 256)]    // with sketches and landmarks
    public void Open_AfterWrite_SearchesAndChangesAsBefore(VectorQuantization quantization, int dimension)
    {
        using ChangingIndex before = new(quantization, dimension);
        before.Change(5000, grow: true);
        before.Change(1500, grow: false);
        before.Save(_directory["a"]);
        using ChangingIndex twin = new(quantization, dimension);
        twin.Change(5000, grow: true);
        twin.Change(1500, grow: false);
        twin.Replace(HnswIndex.Open(_directory["a"]));

        AssertSameSearches(before, twin);
        before.Change(2000, grow: false);
        twin.Change(2000, grow: false);
        AssertSameSearches(before, twin);
        before.Save(_directory["b"]);
        twin.Save(_directory["c"]);
        AssertSameFiles(_directory["b"], _directory["c"]);
    }

    [Fact]
    public void Open_OfEmptyIndex_IsEmptyAndGrows()
    {
        using ChangingIndex index = new(VectorQuantization.Sq7);
        index.Save(_directory["a"]);
        index.Replace(HnswIndex.Open(_directory["a"]));

        Assert.Equal(0, index.Index.Count);
        index.Change(200, grow: true);
        Assert.Equal(index.Ordinals.Count, index.Index.Count);
    }

    /// <summary>As older versions wrote it, without sketches or with those of another kind: they are made when it is opened, and are the same.</summary>
    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    public void Open_OfLongVectorsWithoutTheSketchesOfToday_MakesThem(int version, bool withOthers)
    {
        const int Dimension = 256;
        float[][] vectors = RandomVectors.Create(900, Dimension, 5);
        using HnswIndex index = new(new HnswParameters { Dimension = Dimension, EfConstruction = 40 });
        index.AddRange(vectors.SelectMany(vector => vector).ToArray(), new int[vectors.Length], cancellationToken: TestContext.Current.CancellationToken);
        Save(index, "new");
        Save(index, "old");
        string manifest = Path.Combine(_directory["old"], ManifestDocument.FileName);
        IndexManifest written = ManifestDocument.Read(manifest);
        ManifestTable sketches = Assert.Single(written.Tables, table => table.Name == "sketches");
        ManifestTable[] others = [.. written.Tables.Where(table => table != sketches)];
        File.WriteAllBytes(manifest, ManifestDocument.Write(written with { Tables = others }));
        IndexFileException refused = Assert.Throws<IndexFileException>(() => HnswIndex.Open(_directory["old"]));
        Assert.Contains("must have a table sketches", refused.Message, StringComparison.Ordinal);
        Dictionary<string, ManifestRange> lists = new(written.ListRanges);
        Assert.True(lists.Remove("directions"));
        File.WriteAllBytes(manifest, ManifestDocument.Write(written with { ListRanges = lists }));
        refused = Assert.Throws<IndexFileException>(() => HnswIndex.Open(_directory["old"]));
        Assert.Contains("must have a list directions", refused.Message, StringComparison.Ordinal);

        string chunk = Path.Combine(_directory["old"], sketches.Chunks[0].Name);
        File.WriteAllBytes(chunk, new byte[sketches.Chunks[0].Bytes]);
        File.WriteAllBytes(
            manifest, ManifestDocument.Write(written with { Version = version, Tables = withOthers ? written.Tables : others, ListRanges = lists }));
        using HnswIndex opened = HnswIndex.Open(_directory["old"]);
        Save(opened, "again");

        Assert.Equal(SketchFiles("new"), SketchFiles("again"));

        void Save(HnswIndex saved, string name)
        {
            using IndexSnapshot snapshot = saved.BeginSnapshot();
            snapshot.Write(_directory[name]);
        }

        string SketchFiles(string name) => string.Join(
            ',', ManifestDocument.Read(Path.Combine(_directory[name], ManifestDocument.FileName))
                .Tables.Single(table => table.Name == "sketches").Chunks.Select(chunk => chunk.Checksum));
    }

    [Fact]
    public void Open_ThenChange_LeavesTheFilesAsTheyWere()
    {
        using ChangingIndex index = new(VectorQuantization.Sq7);
        index.Change(1000, grow: true);
        index.Save(_directory["a"]);
        Dictionary<string, byte[]> files = ReadFiles(_directory["a"]);
        index.Replace(HnswIndex.Open(_directory["a"]));

        index.Change(2000, grow: false);

        Assert.Equal(files, ReadFiles(_directory["a"]));
    }

    [Theory]
    [MemberData(nameof(Quantizations))]
    public async Task Write_BesideWriterAndReader_HoldsTheMomentOfItsBegin(VectorQuantization quantization)
    {
        using ChangingIndex index = new(quantization, dimension: 256);
        using ChangingIndex twin = new(quantization, dimension: 256);
        index.Change(2500, grow: true);
        twin.Change(2500, grow: true);
        using CancellationTokenSource done = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        using IndexSnapshot snapshot = index.Index.BeginSnapshot();
        index.Change(50, grow: false);    // some changes for certain before the first chunk is copied
        Task writer = Task.Run(() => ChangeUntil(index, done.Token));
        Task reader = Task.Run(() => SearchUntil(index.Index, done.Token));

        snapshot.Write(_directory["a"]);
        await done.CancelAsync();
        await Task.WhenAll(writer, reader);

        twin.Save(_directory["b"]);
        AssertSameFiles(_directory["a"], _directory["b"]);
    }

    [Theory]
    [MemberData(nameof(Quantizations))]
    public async Task Write_BesideBulkBuildOnManyThreads_HoldsTheMomentOfItsBegin(VectorQuantization quantization)
    {
        using ChangingIndex index = new(quantization, dimension: 64);
        index.Change(2000, grow: true);
        index.Save(_directory["a"]);
        float[] rows = [.. RandomVectors.Create(3000, 64, 5).SelectMany(row => row)];
        using IndexSnapshot snapshot = index.Index.BeginSnapshot();
        Task building = Task.Run(() => index.Index.AddRange(rows, new int[3000], new BulkBuildOptions { Threads = 4 }));

        snapshot.Write(_directory["b"]);
        await building;

        AssertSameFiles(_directory["a"], _directory["b"]);
        snapshot.Dispose();
        index.Save(_directory["c"], _directory["b"]);
        index.Save(_directory["d"]);
        AssertSameFiles(_directory["c"], _directory["d"]);
    }

    [Fact]
    public void Write_WithPrevious_SharesUnchangedFilesAndHoldsTheSame()
    {
        using ChangingIndex index = new(VectorQuantization.Sq7, dimension: 1024);
        index.Change(2500, grow: true);
        IndexSnapshotReport first = index.Save(_directory["a"]);
        index.Change(30, grow: true);
        IndexSnapshotReport second = index.Save(_directory["b"], _directory["a"]);
        index.Replace(HnswIndex.Open(_directory["b"]));
        index.Change(30, grow: true);
        IndexSnapshotReport third = index.Save(_directory["c"], _directory["b"]);
        IndexSnapshotReport whole = index.Save(_directory["d"]);

        Assert.Equal((0, null), (first.LinkedBytes, first.PreviousProblem));
        Assert.True(second.LinkedBytes > first.WrittenBytes / 3, $"{second}");
        Assert.True(third.LinkedBytes > first.WrittenBytes / 3, $"{third}");
        Assert.Null(third.PreviousProblem);
        Assert.InRange(third.WrittenBytes, 1, whole.WrittenBytes - third.LinkedBytes);
        AssertSameFiles(_directory["c"], _directory["d"]);
    }

    [Fact]
    public void Write_WithPreviousOfAnotherIndexOrDamaged_WritesAllAndSaysWhy()
    {
        using ChangingIndex index = new(VectorQuantization.Sq7);
        using ChangingIndex other = new(VectorQuantization.Sq7);
        index.Change(500, grow: true);
        other.Change(500, grow: true);
        index.Save(_directory["mine"]);
        other.Save(_directory["other"]);

        IndexSnapshotReport foreign = index.Save(_directory["a"], _directory["other"]);
        File.WriteAllText(Path.Combine(_directory["a"], ManifestDocument.FileName), "{");
        IndexSnapshotReport damaged = index.Save(_directory["b"], _directory["a"]);
        IndexSnapshotReport missing = index.Save(_directory["c"], _directory["nowhere"]);

        Assert.Equal(0, foreign.LinkedBytes + damaged.LinkedBytes + missing.LinkedBytes);
        Assert.Contains("holds snapshot", foreign.PreviousProblem, StringComparison.Ordinal);
        Assert.Contains("must begin with", damaged.PreviousProblem, StringComparison.Ordinal);
        Assert.Contains("no such file", missing.PreviousProblem, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_Cancelled_LeavesTheBasisAsItWas()
    {
        using ChangingIndex index = new(VectorQuantization.Sq7, dimension: 1024);
        index.Change(2500, grow: true);
        index.Save(_directory["a"]);
        index.Change(10, grow: true);
        using (IndexSnapshot snapshot = index.Index.BeginSnapshot())
        {
            Assert.Throws<OperationCanceledException>(
                () => snapshot.Write(_directory["b"], _directory["a"], new CancellationToken(canceled: true)));
        }
        index.Change(10, grow: true);

        Assert.True(index.Save(_directory["c"], _directory["a"]).LinkedBytes > 0);
        index.Save(_directory["d"]);
        AssertSameFiles(_directory["c"], _directory["d"]);
    }

    [Fact]
    public void Write_AfterTheIndexWasDisposed_HoldsTheMomentOfItsBegin()
    {
        using ChangingIndex index = new(VectorQuantization.Sq7);
        index.Change(2000, grow: true);
        index.Save(_directory["a"]);
        using IndexSnapshot snapshot = index.Index.BeginSnapshot();
        index.Dispose();

        snapshot.Write(_directory["b"]);

        AssertSameFiles(_directory["a"], _directory["b"]);
    }

    [Fact]
    public void BeginSnapshot_WhileAnotherIsOpen_IsRefused()
    {
        using ChangingIndex index = new(VectorQuantization.Sq7);
        using (index.Index.BeginSnapshot())
        {
            Assert.Throws<InvalidOperationException>(() => index.Index.BeginSnapshot());
        }
        index.Index.BeginSnapshot().Dispose();
    }

    [Fact]
    public void Write_TwiceOrOverASnapshot_IsRefused()
    {
        using ChangingIndex index = new(VectorQuantization.Sq7);
        index.Save(_directory["a"]);
        using IndexSnapshot snapshot = index.Index.BeginSnapshot();
        Assert.Contains(_directory["a"], Assert.Throws<IOException>(() => snapshot.Write(_directory["a"])).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => snapshot.Write(_directory["b"]));
    }

    /// <summary>Same files with the same bytes; the manifests may differ in the id of the snapshot and their checksum alone.</summary>
    internal static void AssertSameFiles(string expected, string actual)
    {
        Dictionary<string, byte[]> expectedFiles = ReadFiles(expected);
        Dictionary<string, byte[]> actualFiles = ReadFiles(actual);
        Assert.Equal(expectedFiles.Keys, actualFiles.Keys);
        foreach (string name in expectedFiles.Keys.Where(name => name != ManifestDocument.FileName))
        {
            Assert.True(expectedFiles[name].AsSpan().SequenceEqual(actualFiles[name]), name);
        }
        IndexManifest manifest = ManifestDocument.Read(Path.Combine(expected, ManifestDocument.FileName));
        IndexManifest other = ManifestDocument.Read(Path.Combine(actual, ManifestDocument.FileName));
        Assert.Equal(
            ManifestDocument.Write(manifest),
            ManifestDocument.Write(other with { Id = manifest.Id }));
    }

    internal static void AssertSameSearches(ChangingIndex expected, ChangingIndex actual)
    {
        Assert.Equal(expected.Index.Count, actual.Index.Count);
        Random random = new(99);
        ScoredOrdinal[] expectedHits = new ScoredOrdinal[10];
        ScoredOrdinal[] actualHits = new ScoredOrdinal[10];
        OrdinalSet filter = new(expected.Ordinals.Where(ordinal => ordinal % 3 == 0));
        for (int i = 0; i < 100; i++)
        {
            float[] query = RandomVectors.CreateOne(random, expected.Index.Dimension);
            OrdinalSet? matching = i % 2 == 0 ? filter : null;
            Assert.Equal(
                expected.Index.Search(query, 20, expectedHits, matching), actual.Index.Search(query, 20, actualHits, matching));
            Assert.Equal(expectedHits, actualHits);
        }
    }

    internal static Dictionary<string, byte[]> ReadFiles(string directory) =>
        Directory.GetFiles(directory).Order(StringComparer.Ordinal).ToDictionary(file => Path.GetFileName(file), File.ReadAllBytes);

    private static void ChangeUntil(ChangingIndex index, CancellationToken done)
    {
        while (!done.IsCancellationRequested)
        {
            index.Change(10, grow: false);
        }
    }

    private static void SearchUntil(HnswIndex index, CancellationToken done)
    {
        Random random = new(3);
        ScoredOrdinal[] hits = new ScoredOrdinal[10];
        while (!done.IsCancellationRequested)
        {
            float[] query = RandomVectors.CreateOne(random, index.Dimension);
            Assert.Equal(10, index.Search(query, 30, hits, cancellationToken: CancellationToken.None).Found);
        }
    }
}
