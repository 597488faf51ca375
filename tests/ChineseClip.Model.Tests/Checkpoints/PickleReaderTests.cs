using System.Text;
using ChineseClip.Model.Checkpoints;

namespace ChineseClip.Model.Tests.Checkpoints;

public sealed class PickleReaderTests
{
    [Fact]
    public void Read_PlainValues_BuildsThem()
    {
        // {'a': [1, -2, 1.5, (True, None)], 'b': 2**33}
        byte[] pickle =
        [
            0x80, 2, .. "}q\0(X\u0001\0\0\0a]q\u0001(K\u0001"u8, (byte)'J', 0xFE, 0xFF, 0xFF, 0xFF,
            (byte)'G', 0x3F, 0xF8, 0, 0, 0, 0, 0, 0, 0x88, (byte)'N', 0x86, .. "eX\u0001\0\0\0b"u8, 0x8A, 5, 0, 0, 0, 0, 2,
            .. "u."u8,
        ];

        var dictionary = Assert.IsType<PickleDictionary>(new PickleReader(pickle, "x.pt").Read());

        Assert.Equal(["a", "b"], dictionary.Items.Select(i => i.Key));
        var list = Assert.IsType<List<object?>>(dictionary.Items[0].Value);
        Assert.Equal([1L, -2L, 1.5], list[..3]);
        Assert.Equal([true, null], Assert.IsType<object?[]>(list[3]));
        Assert.Equal(1L << 33, dictionary.Items[1].Value);
    }

    [Theory]
    [InlineData("cos\nsystem\n(X\u0005\0\0\0echo tR.", "global \"os.system\"")]
    [InlineData("cbuiltins\neval\n(X\u0001\0\0\01tR.", "global \"builtins.eval\"")]
    [InlineData("ctorch\nload\n.", "global \"torch.load\"")]
    [InlineData("ctorch.hub\nStorage\n.", "global \"torch.hub.Storage\"")]
    [InlineData("ctorch\nFloatStorage\n)R.", "calls torch.FloatStorage")]
    [InlineData("ccollections\nOrderedDict\n(K\u0001tR.", "calls collections.OrderedDict")]
    [InlineData("I1\n.", "opcode 'I'")]
    [InlineData("(ios\nsystem\n.", "opcode 'i'")]
    [InlineData("K\u0001}b.", "no dictionary")]
    [InlineData("X\u00ff\u00ff\u00ff\u007fa.", "ends too early")]
    [InlineData("h\u0005.", "never kept")]
    [InlineData("t.", "never opened")]
    [InlineData("(.", "mark")]
    [InlineData(".", "empty stack")]
    [InlineData("K\u0001", "ends too early")]
    [InlineData("\u0080\u0009N.", "protocol 9")]
    public void Read_AnythingButTensors_RefusesByName(string pickle, string named)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(pickle);

        var error = Assert.Throws<ModelFormatException>(() => new PickleReader(bytes, "x.pt").Read());

        Assert.StartsWith("x.pt: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_MillionNestedTuples_NeitherOverflowsNorHangs()
    {
        byte[] pickle = [.. Enumerable.Repeat((byte)')', 1), .. Enumerable.Repeat((byte)0x85, 1_000_000), (byte)'.'];

        Assert.IsType<object?[]>(new PickleReader(pickle, "x.pt").Read());
    }
}
