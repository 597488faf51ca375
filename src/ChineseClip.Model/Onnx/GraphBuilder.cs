using System.Buffers.Binary;
using System.Globalization;

namespace ChineseClip.Model.Onnx;

/// <summary>Collects the nodes of one ONNX graph and writes the model's bytes. Values are named by strings.</summary>
/// <remarks>Source: onnx/onnx, onnx.proto (IR version 8, operator set 17). Equal calls give equal bytes.</remarks>
internal sealed class GraphBuilder(string name)
{
    private const int IrVersion = 8;
    private const int OperatorSet = 17;
    private readonly List<ProtobufWriter> _nodes = [];
    private readonly List<ProtobufWriter> _initializers = [];
    private readonly List<ProtobufWriter> _inputs = [];
    private readonly List<ProtobufWriter> _outputs = [];
    private readonly HashSet<string> _initializerNames = new(StringComparer.Ordinal);

    /// <summary>Declares an input; a dimension is a number or the name of a free one.</summary>
    public string Input(string value, OnnxType type, params string[] dimensions)
    {
        _inputs.Add(ValueDeclaration(value, type, dimensions));
        return value;
    }

    /// <summary>Declares a computed value as an output under a name of its own.</summary>
    public void Output(string value, string outputName, OnnxType type, params string[] dimensions)
    {
        AddNode("Identity", [value], [outputName], []);
        _outputs.Add(ValueDeclaration(outputName, type, dimensions));
    }

    /// <summary>Adds a node of one output and names that.</summary>
    public string Node(string operation, string[] inputs, params OnnxAttribute[] attributes)
    {
        string output = string.Create(CultureInfo.InvariantCulture, $"{operation}_{_nodes.Count}");
        AddNode(operation, inputs, [output], attributes);
        return output;
    }

    /// <summary>Adds a node of several outputs.</summary>
    public string[] Node(string operation, string[] inputs, int outputCount)
    {
        string[] outputs = new string[outputCount];
        for (int i = 0; i < outputCount; i++)
        {
            outputs[i] = string.Create(CultureInfo.InvariantCulture, $"{operation}_{_nodes.Count}_{i}");
        }

        AddNode(operation, inputs, outputs, []);
        return outputs;
    }

    /// <summary>A tensor kept in the weight file.</summary>
    public string Weight(StoredWeight weight)
    {
        if (_initializerNames.Add(weight.Name))
        {
            _initializers.Add(weight.ToTensorProto());
        }

        return weight.Name;
    }

    /// <summary>A small list of whole numbers kept in the graph itself.</summary>
    public string Int64s(params long[] values)
    {
        byte[] raw = new byte[8 * values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(raw.AsSpan(8 * i), values[i]);
        }

        return Inline($"int64[{string.Join(",", values)}]", OnnxType.Int64, values.Length, raw);
    }

    /// <summary>One number kept in the graph itself.</summary>
    public string Scalar(float value)
    {
        byte[] raw = new byte[4];
        BinaryPrimitives.WriteSingleLittleEndian(raw, value);
        return Inline(string.Create(CultureInfo.InvariantCulture, $"float({value:R})"), OnnxType.Float, null, raw);
    }

    /// <summary>One byte kept in the graph itself.</summary>
    public string UInt8(byte value) =>
        Inline(string.Create(CultureInfo.InvariantCulture, $"uint8({value})"), OnnxType.UInt8, null, [value]);

    public byte[] ToModelBytes()
    {
        var graph = new ProtobufWriter();
        _nodes.ForEach(n => graph.Message(1, n));
        graph.String(2, name);
        _initializers.ForEach(t => graph.Message(5, t));
        _inputs.ForEach(v => graph.Message(11, v));
        _outputs.ForEach(v => graph.Message(12, v));

        var operatorSet = new ProtobufWriter();
        operatorSet.String(1, "");
        operatorSet.Int64(2, OperatorSet);

        var model = new ProtobufWriter();
        model.Int64(1, IrVersion);
        model.String(2, "ChineseClip.Model");
        model.Message(7, graph);
        model.Message(8, operatorSet);
        return model.ToArray();
    }

    private void AddNode(string operation, string[] inputs, string[] outputs, OnnxAttribute[] attributes)
    {
        var node = new ProtobufWriter();
        Array.ForEach(inputs, i => node.String(1, i));
        Array.ForEach(outputs, o => node.String(2, o));
        node.String(3, outputs[0]);
        node.String(4, operation);
        Array.ForEach(attributes, a => a.WriteTo(node));
        _nodes.Add(node);
    }

    private string Inline(string value, OnnxType type, long? length, byte[] raw)
    {
        if (_initializerNames.Add(value))
        {
            var tensor = new ProtobufWriter();
            if (length is { } dimension)
            {
                tensor.Int64(1, dimension);
            }

            tensor.Int64(2, (int)type);
            tensor.String(8, value);
            tensor.Bytes(9, raw);
            _initializers.Add(tensor);
        }

        return value;
    }

    private static ProtobufWriter ValueDeclaration(string value, OnnxType type, string[] dimensions)
    {
        var shape = new ProtobufWriter();
        foreach (string dimension in dimensions)
        {
            var entry = new ProtobufWriter();
            if (long.TryParse(dimension, NumberStyles.None, CultureInfo.InvariantCulture, out long number))
            {
                entry.Int64(1, number);
            }
            else
            {
                entry.String(2, dimension);
            }

            shape.Message(1, entry);
        }

        var tensorType = new ProtobufWriter();
        tensorType.Int64(1, (int)type);
        tensorType.Message(2, shape);
        var typeProto = new ProtobufWriter();
        typeProto.Message(1, tensorType);
        var declaration = new ProtobufWriter();
        declaration.String(1, value);
        declaration.Message(2, typeProto);
        return declaration;
    }
}
