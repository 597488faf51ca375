using ChineseClip.Model.Checkpoints;

namespace ChineseClip.Model.Tests.Checkpoints;

public sealed class TorchReaderTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("pytorch_model.bin")]
    [InlineData("clip_cn_tiny.pt")]
    public void Open_SameModelInAnotherForm_HoldsTheSameNumbers(string name)
    {
        ChineseClipConfig config = ChineseClipConfig.Load(Path.Combine(GoldenFiles.TinyHf, "config.json"));
        using Checkpoint expected = SafetensorsReader.Open(Path.Combine(GoldenFiles.TinyHf, "model.safetensors"));

        using Checkpoint actual = CheckpointReader.Open(Path.Combine(GoldenFiles.TinyHf, name));

        _ = ModelWeights.Bind(actual, config);
        Assert.All(expected.Tensors.Values, t => Assert.Equal(t.ToArray(), actual.Tensors[t.Name].ToArray()));
    }

    /// <summary>Views that share a storage, with offsets and strides, in both formats of torch.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Open_SharedStorages_ReadsEveryView(bool isLegacy)
    {
        var storages = new Dictionary<string, float[]> { ["1400"] = [1, 2, 3, 4, 5, 6], ["77"] = [7, 8, 9] };
        TorchView[] views =
        [
            new("module.matrix", "1400", 0, [2, 3], [3, 1]),
            new("module.transposed", "1400", 0, [3, 2], [1, 3]),
            new("module.tail", "1400", 4, [2], [1]),
            new("module.scalar", "77", 2, [], []),
            new("module.repeated", "77", 1, [3, 2], [0, 1]),
        ];
        string path = _directory["views.bin"];
        File.WriteAllBytes(path, isLegacy ? TorchBytes.Legacy(views, storages) : TorchBytes.Zip(views, storages));

        using Checkpoint checkpoint = CheckpointReader.Open(path);

        Assert.Equal(["matrix", "repeated", "scalar", "tail", "transposed"], checkpoint.Tensors.Keys.Order());
        Assert.Equal([1f, 2, 3, 4, 5, 6], checkpoint.Tensors["matrix"].ToArray());
        Assert.Equal([1f, 4, 2, 5, 3, 6], checkpoint.Tensors["transposed"].ToArray());
        Assert.Equal([5f, 6], checkpoint.Tensors["tail"].ToArray());
        Assert.Equal([9f], checkpoint.Tensors["scalar"].ToArray());
        Assert.Equal([8f, 9, 8, 9, 8, 9], checkpoint.Tensors["repeated"].ToArray());
    }

    [Fact]
    public void Open_OneElementRepeatedWithoutEnd_IsRefused()
    {
        string path = _directory["large.bin"];
        File.WriteAllBytes(path, TorchBytes.Zip([new("a", "0", 0, [1 << 30], [0])], new Dictionary<string, float[]> { ["0"] = [1] }));

        var error = Assert.Throws<ModelFormatException>(() => CheckpointReader.Open(path));

        Assert.Contains("\"a\" of shape [1073741824], strides [0]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_LegacyStorageCutShort_NamesPlaceAndSize()
    {
        byte[] file = TorchBytes.Legacy([new("a", "0", 0, [4], [1])], new Dictionary<string, float[]> { ["0"] = [1, 2, 3, 4] });
        string path = _directory["cut.pt"];
        File.WriteAllBytes(path, file[..^4]);

        var error = Assert.Throws<ModelFormatException>(() => CheckpointReader.Open(path));

        Assert.Contains($"4 elements at {file.Length - 16}", error.Message, StringComparison.Ordinal);
        Assert.Contains($"the file has {file.Length - 4} bytes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_OfaWithoutConfigOfAnUnknownShape_AsksForIt()
    {
        using Checkpoint checkpoint = CheckpointReader.Open(Path.Combine(GoldenFiles.TinyHf, "clip_cn_tiny.pt"));

        var error = Assert.Throws<ModelFormatException>(() => KnownShapes.Deduce(checkpoint));

        Assert.Contains("64 wide with 3 layers", error.Message, StringComparison.Ordinal);
        Assert.Contains("config.json", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_StackedTensorOfAnotherHeight_NamesFileAndTensor()
    {
        const string Name = "visual.transformer.resblocks.0.attn.in_proj_weight";
        string path = _directory["ofa.safetensors"];
        File.WriteAllBytes(path, SafetensorsBytes.Make($$$"""{"{{{Name}}}":{"dtype":"F32","shape":[4,1],"data_offsets":[0,16]}}""", 16));

        var error = Assert.Throws<ModelFormatException>(() => CheckpointReader.Open(path));

        Assert.Equal(path, error.File);
        Assert.Contains($"\"{Name}\" has shape [4, 1]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_FlashAttentionNames_AreTheSameTensors()
    {
        string path = _directory["flash.safetensors"];
        byte[] file = SafetensorsBytes.Make(
            """
            {"visual.transformer.resblocks.2.attn.Wqkv.weight":{"dtype":"F32","shape":[3,1],"data_offsets":[0,12]},
             "bert.encoder.layer.1.attention.self.Wqkv.bias":{"dtype":"F32","shape":[3],"data_offsets":[12,24]},
             "bert.encoder.layer.1.attention.self.out_proj.bias":{"dtype":"F32","shape":[1],"data_offsets":[24,28]}}
            """,
            28);
        for (int i = 0; i < 7; i++)
        {
            System.Buffers.Binary.BinaryPrimitives.WriteSingleLittleEndian(file.AsSpan(file.Length - 28 + (4 * i)), i);
        }

        File.WriteAllBytes(path, file);
        using Checkpoint checkpoint = CheckpointReader.Open(path);

        Assert.Equal([1f], checkpoint.Tensors["vision_model.encoder.layers.2.self_attn.k_proj.weight"].ToArray());
        Assert.Equal([2f], checkpoint.Tensors["vision_model.encoder.layers.2.self_attn.v_proj.weight"].ToArray());
        Assert.Equal([3f], checkpoint.Tensors["text_model.encoder.layer.1.attention.self.query.bias"].ToArray());
        Assert.Equal([6f], checkpoint.Tensors["text_model.encoder.layer.1.attention.output.dense.bias"].ToArray());
        Assert.Equal(7, checkpoint.Tensors.Count);
    }

    [Theory]
    [InlineData("pytorch_model.bin")]
    [InlineData("model.safetensors")]
    public void Open_PointerOfGitLfs_SaysWhatItIs(string name)
    {
        string path = _directory[name];
        File.WriteAllText(path, "version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 753\n");

        var error = Assert.Throws<ModelFormatException>(() => CheckpointReader.Open(path));

        Assert.Contains("Git LFS", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_ZipCutShort_NamesItsLength()
    {
        string path = _directory["a.bin"];
        File.WriteAllBytes(path, File.ReadAllBytes(Path.Combine(GoldenFiles.TinyHf, "pytorch_model.bin"))[..5000]);

        var error = Assert.Throws<ModelFormatException>(() => CheckpointReader.Open(path));

        Assert.Contains("ends after 5000 bytes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_NotAZip_SaysSo()
    {
        string path = _directory["a.bin"];
        File.WriteAllText(path, "these are no weights");

        var error = Assert.Throws<ModelFormatException>(() => CheckpointReader.Open(path));

        Assert.Contains("neither a zip file", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Seeded damage in the pickle and in the zip's directory: a clear refusal, or a checkpoint that reads without a fault.</summary>
    [Theory]
    [InlineData("pytorch_model.bin")]
    [InlineData("clip_cn_tiny.pt")]
    public void DamagedFilesAreRefusedOrReadable(string name)
    {
        byte[] file = File.ReadAllBytes(Path.Combine(GoldenFiles.TinyHf, name));
        var random = new Random(20);
        int refused = 0;
        string path = _directory[name];
        File.WriteAllBytes(path, file);
        using FileStream stream = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        const int Rounds = 1500;
        const int PickleEnd = 14_000;
        const int DirectoryBytes = 9_000;
        for (int round = 0; round < Rounds; round++)
        {
            int place = round % 2 == 0 ? random.Next(PickleEnd) : file.Length - 1 - random.Next(DirectoryBytes);
            Write(stream, place, (byte)random.Next(256));
            try
            {
                using Checkpoint checkpoint = CheckpointReader.Open(path);
                CheckpointTensor any = checkpoint.Tensors.Values.ElementAt(random.Next(checkpoint.Tensors.Count));
                _ = any.ToArray();
            }
            catch (ModelFormatException)
            {
                refused++;
            }

            Write(stream, place, file[place]);
        }

        Assert.True(refused > Rounds / 4, $"{refused} of {Rounds} refused");
    }

    [Fact]
    public void Open_Shards_JoinsThemAndChecksTheIndex()
    {
        (string first, string second) = WriteShards();
        string index = _directory["model.safetensors.index.json"];
        File.WriteAllText(index, $$$"""{"metadata":{},"weight_map":{"a":"{{{first}}}","b":"{{{second}}}"}}""");

        using (Checkpoint checkpoint = CheckpointReader.Open(index))
        {
            Assert.Equal(["a", "b"], checkpoint.Tensors.Keys.Order());
            Assert.Equal(2, checkpoint.Tensors["b"].ToArray().Length);
        }

        AssertRefused(index, $$$"""{"weight_map":{"a":"{{{first}}}","b":"{{{first}}}"}}""", "does not hold it");
        AssertRefused(index, $$$"""{"weight_map":{"a":"{{{first}}}","c":"{{{second}}}"}}""", "does not put \"b\"");
        AssertRefused(index, """{"weight_map":{"a":"../a.safetensors"}}""", "plain file name");
        AssertRefused(index, """{"weight_map":{"a":"absent.safetensors"}}""", "missing");
        AssertRefused(index, "{}", "weight_map");
    }

    private static void AssertRefused(string index, string json, string named)
    {
        File.WriteAllText(index, json);
        var error = Assert.Throws<ModelFormatException>(() => CheckpointReader.Open(index));
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    private static void Write(FileStream stream, int place, byte value)
    {
        stream.Position = place;
        stream.WriteByte(value);
        stream.Flush();
    }

    private (string First, string Second) WriteShards()
    {
        const string First = "model-00001-of-00002.safetensors";
        const string Second = "model-00002-of-00002.safetensors";
        File.WriteAllBytes(
            _directory[First], SafetensorsBytes.Make("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4));
        File.WriteAllBytes(
            _directory[Second], SafetensorsBytes.Make("""{"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8));
        return (First, Second);
    }
}
