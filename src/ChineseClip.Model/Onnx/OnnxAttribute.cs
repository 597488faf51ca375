namespace ChineseClip.Model.Onnx;

/// <summary>A node's attribute: one number, or a list of whole numbers.</summary>
internal sealed class OnnxAttribute
{
    private const int KindFloat = 1;
    private const int KindInt = 2;
    private const int KindInts = 7;
    private readonly ProtobufWriter _message = new();

    public OnnxAttribute(string name, float value)
    {
        _message.String(1, name);
        _message.Float(2, value);
        _message.Int64(20, KindFloat);
    }

    public OnnxAttribute(string name, long value)
    {
        _message.String(1, name);
        _message.Int64(3, value);
        _message.Int64(20, KindInt);
    }

    public OnnxAttribute(string name, params long[] values)
    {
        _message.String(1, name);
        foreach (long value in values)
        {
            _message.Int64(8, value);
        }

        _message.Int64(20, KindInts);
    }

    public void WriteTo(ProtobufWriter node) => node.Message(5, _message);
}
