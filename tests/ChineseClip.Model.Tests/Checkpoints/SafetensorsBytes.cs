using System.Buffers.Binary;
using System.Text;

namespace ChineseClip.Model.Tests.Checkpoints;

/// <summary>Makes safetensors files, well formed or not.</summary>
internal static class SafetensorsBytes
{
    /// <summary>A file of any header and so many bytes of elements, all 0.</summary>
    public static byte[] Make(string header, int dataBytes)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        byte[] file = new byte[8 + json.Length + dataBytes];
        BinaryPrimitives.WriteInt64LittleEndian(file, json.Length);
        json.CopyTo(file, 8);
        return file;
    }

    public static (string Header, byte[] Data) Split(byte[] file)
    {
        int length = (int)BinaryPrimitives.ReadInt64LittleEndian(file);
        return (Encoding.UTF8.GetString(file, 8, length), file[(8 + length)..]);
    }

    public static byte[] Join(string header, byte[] data)
    {
        byte[] file = Make(header, data.Length);
        data.CopyTo(file, file.Length - data.Length);
        return file;
    }
}
