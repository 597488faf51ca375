namespace ChineseClip.Model.Onnx;

/// <summary>Element types, with ONNX's numbers (TensorProto.DataType).</summary>
internal enum OnnxType
{
    Float = 1,
    UInt8 = 2,
    Int64 = 7,
    Float16 = 10,
}
