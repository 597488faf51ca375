using System.Globalization;

namespace ChineseClip.Model.Onnx;

/// <summary>A tensor in a <see cref="WeightFile"/>.</summary>
internal sealed record StoredWeight(string Name, OnnxType Type, long[] Shape, string FileName, long Offset, long ByteCount)
{
    private const int LocationExternal = 1;

    public ProtobufWriter ToTensorProto()
    {
        var tensor = new ProtobufWriter();
        foreach (long dimension in Shape)
        {
            tensor.Int64(1, dimension);
        }

        tensor.Int64(2, (int)Type);
        tensor.String(8, Name);
        tensor.Message(13, Entry("location", FileName));
        tensor.Message(13, Entry("offset", Offset.ToString(CultureInfo.InvariantCulture)));
        tensor.Message(13, Entry("length", ByteCount.ToString(CultureInfo.InvariantCulture)));
        tensor.Int64(14, LocationExternal);
        return tensor;
    }

    private static ProtobufWriter Entry(string key, string value)
    {
        var entry = new ProtobufWriter();
        entry.String(1, key);
        entry.String(2, value);
        return entry;
    }
}
