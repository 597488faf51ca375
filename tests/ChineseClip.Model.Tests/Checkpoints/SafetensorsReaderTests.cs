using System.Buffers.Binary;
using ChineseClip.Model.Checkpoints;

namespace ChineseClip.Model.Tests.Checkpoints;

public sealed class SafetensorsReaderTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Open_EveryType_ReadsValues()
    {
        byte[] file = SafetensorsBytes.Make(
            """
            {"__metadata__":{"format":"pt"},
             "f":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},
             "h":{"dtype":"F16","shape":[1,2],"data_offsets":[8,12]},
             "b":{"dtype":"BF16","shape":[2,1],"data_offsets":[12,16]},
             "i":{"dtype":"I64","shape":[],"data_offsets":[16,24]},
             "none":{"dtype":"F32","shape":[0,3],"data_offsets":[24,24]}}
            """,
            24);
        Span<byte> data = file.AsSpan(file.Length - 24);
        BinaryPrimitives.WriteSingleLittleEndian(data, 1.5f);
        BinaryPrimitives.WriteSingleLittleEndian(data[4..], -0.1f);
        BinaryPrimitives.WriteHalfLittleEndian(data[8..], (Half)0.333);
        BinaryPrimitives.WriteHalfLittleEndian(data[10..], Half.Epsilon);
        BinaryPrimitives.WriteUInt16LittleEndian(data[12..], 0x3FC0);
        BinaryPrimitives.WriteUInt16LittleEndian(data[14..], 0xC000);
        BinaryPrimitives.WriteInt64LittleEndian(data[16..], -42);

        using Checkpoint checkpoint = SafetensorsReader.Open(Write(file));

        Assert.Equal([1.5f, -0.1f], checkpoint.Tensors["f"].ToArray());
        Assert.Equal([(float)(Half)0.333, (float)Half.Epsilon], checkpoint.Tensors["h"].ToArray());
        Assert.Equal([1.5f, -2f], checkpoint.Tensors["b"].ToArray());
        Assert.Equal([-42f], checkpoint.Tensors["i"].ToArray());
        Assert.Empty(checkpoint.Tensors["none"].ToArray());
        Assert.Equal([2, 1], checkpoint.Tensors["b"].Shape);
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,12]}}""", 12, "takes 8")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 4, "within 0..4")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", 8, "ascending")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}""", 8, "within 0..8")]
    [InlineData("""{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}""", 8, "\"F64\"")]
    [InlineData("""{"a":{"shape":[2],"data_offsets":[0,8]}}""", 8, "absent")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", 8, "shape[0] = -2")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,8]}}""", 8, "shape[0] = 1.5")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2147483647,2147483647,2147483647],"data_offsets":[0,8]}}""", 8, "elements")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,4]}}""", 4, "9 dimensions")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "overlaps")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "gap")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 8, "accounts for 4")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "a")]
    [InlineData("""{"\ud800":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "malformed")]
    [InlineData("""{"a":3}""", 0, "Number")]
    [InlineData("[]", 0, "Array")]
    [InlineData("{", 0, "malformed")]
    public void Open_WrongHeader_NamesWhatIsWrong(string header, int dataBytes, string named)
    {
        string path = Write(SafetensorsBytes.Make(header, dataBytes));

        var error = Assert.Throws<ModelFormatException>(() => SafetensorsReader.Open(path));

        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(1000)]
    public void Open_FileCutShort_Refuses(int length)
    {
        byte[] whole = File.ReadAllBytes(Path.Combine(GoldenFiles.TinyHf, "model.fp16.safetensors"));

        Assert.Throws<ModelFormatException>(() => SafetensorsReader.Open(Write(whole[..length])));
        Assert.Throws<ModelFormatException>(() => SafetensorsReader.Open(Write(whole[..^1])));
    }

    [Fact]
    public void Open_HeaderLengthBeyondFile_RefusesWithoutAllocating()
    {
        byte[] file = SafetensorsBytes.Make("{}", 0);
        BinaryPrimitives.WriteUInt64LittleEndian(file, ulong.MaxValue);

        var error = Assert.Throws<ModelFormatException>(() => SafetensorsReader.Open(Write(file)));

        Assert.Contains("18446744073709551615", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Each byte of a real header, changed in two ways: a clear refusal, or the very same tensors.</summary>
    [Fact]
    public void EveryChangedHeaderByteIsRefusedOrHarmless()
    {
        string golden = Path.Combine(GoldenFiles.TinyHf, "model.bf16.safetensors");
        ChineseClipConfig config = ChineseClipConfig.Load(Path.Combine(GoldenFiles.TinyHf, "config.json"));
        using Checkpoint original = SafetensorsReader.Open(golden);
        byte[] file = File.ReadAllBytes(golden);
        int headerEnd = 8 + (int)BinaryPrimitives.ReadInt64LittleEndian(file);
        string path = Write(file);
        int refused = 0;
        int harmless = 0;
        using FileStream stream = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        for (int i = 0; i < headerEnd; i++)
        {
            foreach (byte change in (byte[])[0x01, 0x20])
            {
                WriteByte(stream, i, (byte)(file[i] ^ change));
                try
                {
                    using Checkpoint changed = SafetensorsReader.Open(path);
                    _ = ModelWeights.Bind(changed, config);
                    AssertSameTensors(original, changed);
                    harmless++;
                }
                catch (ModelFormatException)
                {
                    refused++;
                }
            }

            WriteByte(stream, i, file[i]);
        }

        // Spaces that became tabs, and the free text of __metadata__, change nothing; everything else must.
        Assert.True(refused > 50 * harmless, $"{refused} refused, {harmless} harmless");
    }

    private static void AssertSameTensors(Checkpoint expected, Checkpoint actual)
    {
        Assert.Equal(expected.Tensors.Count, actual.Tensors.Count);
        foreach ((string name, CheckpointTensor tensor) in expected.Tensors)
        {
            Assert.Equal(tensor.Type, actual.Tensors[name].Type);
            Assert.Equal(tensor.Shape, actual.Tensors[name].Shape);
            Assert.Equal(tensor.ToArray(), actual.Tensors[name].ToArray());
        }
    }

    private static void WriteByte(FileStream stream, int position, byte value)
    {
        stream.Position = position;
        stream.WriteByte(value);
        stream.Flush();
    }

    private string Write(byte[] file)
    {
        string path = _directory["a.safetensors"];
        File.WriteAllBytes(path, file);
        return path;
    }
}
