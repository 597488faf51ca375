using System.Buffers;
using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ChineseClip.Model.Checkpoints;

/// <summary>Reads little-endian elements from a place in a file and widens them to float32.</summary>
/// <remarks>Threads: safe. Reads by position instead of a mapping, so that a file cut short underneath is an error and not a fault.</remarks>
internal static class ElementReader
{
    private const int PieceBytes = 1 << 20;

    public static void Read(SafeFileHandle file, string path, long offset, TensorType type, Span<float> destination)
    {
        if (type == TensorType.Float32 && BitConverter.IsLittleEndian)
        {
            Fill(file, path, offset, MemoryMarshal.AsBytes(destination));
            return;
        }

        int elementBytes = type.ElementBytes();
        byte[] buffer = ArrayPool<byte>.Shared.Rent(PieceBytes);
        try
        {
            while (destination.Length > 0)
            {
                int count = Math.Min(destination.Length, PieceBytes / elementBytes);
                Span<byte> bytes = buffer.AsSpan(0, count * elementBytes);
                Fill(file, path, offset, bytes);
                Widen(bytes, type, destination[..count]);
                destination = destination[count..];
                offset += bytes.Length;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Reads exactly the bytes asked for.</summary>
    public static void Fill(SafeFileHandle file, string path, long offset, Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            int read = RandomAccess.Read(file, destination, offset);
            if (read == 0)
            {
                throw new ModelFormatException(path, $"ends at byte {offset}; expected {destination.Length} bytes more");
            }

            destination = destination[read..];
            offset += read;
        }
    }

    public static void Widen(ReadOnlySpan<byte> source, TensorType type, Span<float> destination)
    {
        switch (type)
        {
            case TensorType.Float16 when BitConverter.IsLittleEndian:
                TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(source), destination);
                break;
            case TensorType.Float16:
                for (int i = 0; i < destination.Length; i++)
                {
                    destination[i] = (float)BinaryPrimitives.ReadHalfLittleEndian(source[(2 * i)..]);
                }

                break;
            case TensorType.BFloat16:
                for (int i = 0; i < destination.Length; i++)
                {
                    int bits = BinaryPrimitives.ReadUInt16LittleEndian(source[(2 * i)..]) << 16;
                    destination[i] = BitConverter.Int32BitsToSingle(bits);
                }

                break;
            case TensorType.Int64:
                for (int i = 0; i < destination.Length; i++)
                {
                    destination[i] = BinaryPrimitives.ReadInt64LittleEndian(source[(8 * i)..]);
                }

                break;
            case TensorType.Float32:
                for (int i = 0; i < destination.Length; i++)
                {
                    destination[i] = BinaryPrimitives.ReadSingleLittleEndian(source[(4 * i)..]);
                }

                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, "unknown element type");
        }
    }
}
