using System.Buffers.Binary;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace ChineseClip.Model.Checkpoints;

/// <summary>Opens a <c>.safetensors</c> file: 8 bytes of header length, a JSON header, then the elements.</summary>
/// <remarks>
/// The header is not trusted: lengths, types, shapes and places are all checked against the file, and the elements must be
/// covered exactly once, without overlap or gap, as the format demands.
/// Source: huggingface/safetensors, README, "Format".
/// </remarks>
internal static class SafetensorsReader
{
    private const int PrefixBytes = 8;
    private const long MaxHeaderBytes = 100_000_000;
    private const int MaxTensors = 1 << 20;

    /// <exception cref="ModelFormatException">The file is not well formed.</exception>
    public static Checkpoint Open(string path)
    {
        SafeFileHandle file = File.OpenHandle(path, options: FileOptions.RandomAccess);
        try
        {
            return new Checkpoint(path, ReadHeader(file, path), file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static Dictionary<string, CheckpointTensor> ReadHeader(SafeFileHandle file, string path)
    {
        long fileBytes = RandomAccess.GetLength(file);
        if (fileBytes < PrefixBytes)
        {
            throw new ModelFormatException(path, $"is {fileBytes} bytes long; a safetensors file has at least {PrefixBytes}");
        }

        Span<byte> prefix = stackalloc byte[PrefixBytes];
        ElementReader.Fill(file, path, 0, prefix);
        ulong headerBytes = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        long most = Math.Min(MaxHeaderBytes, fileBytes - PrefixBytes);
        if (headerBytes > (ulong)most)
        {
            throw new ModelFormatException(path, $"header length is {headerBytes}; at most {most} fits this file");
        }

        byte[] header = new byte[(int)headerBytes];
        ElementReader.Fill(file, path, PrefixBytes, header);
        using JsonDocument document = JsonSection.ParseDocument(header, path);
        long dataStart = PrefixBytes + (long)headerBytes;
        var parser = new HeaderParser(file, path, dataStart, fileBytes - dataStart);
        return parser.Parse(document.RootElement);
    }

    private sealed class HeaderParser(SafeFileHandle file, string path, long dataStart, long dataBytes)
    {
        private readonly List<(long Begin, long End, string Name)> _extents = [];

        public Dictionary<string, CheckpointTensor> Parse(JsonElement root)
        {
            var tensors = new Dictionary<string, CheckpointTensor>(StringComparer.Ordinal);
            foreach (JsonProperty property in root.EnumerateObject())
            {
                if (property.Name != "__metadata__")
                {
                    tensors.Add(property.Name, ParseTensor(property.Name, property.Value));
                }

                if (tensors.Count > MaxTensors)
                {
                    throw new ModelFormatException(path, $"lists more than {MaxTensors} tensors");
                }
            }

            RequireExactCover();
            return tensors;
        }

        private StoredTensor ParseTensor(string name, JsonElement entry)
        {
            if (entry.ValueKind != JsonValueKind.Object)
            {
                throw Wrong(name, $"is a {entry.ValueKind}; expected an object");
            }

            TensorType type = ParseType(name, entry);
            int[] shape = ParseShape(name, entry);
            (long begin, long end) = ParseOffsets(name, entry);
            long count = TensorShape.Count(shape);
            if (count > Array.MaxLength)
            {
                throw Wrong(name, $"has shape {TensorShape.Show(shape)}; at most {Array.MaxLength} elements can be read");
            }

            long expected = count * type.ElementBytes();
            if (end - begin != expected)
            {
                throw Wrong(name, $"has data_offsets of {end - begin} bytes; {type} {TensorShape.Show(shape)} takes {expected}");
            }

            _extents.Add((begin, end, name));
            return new StoredTensor(name, type, shape, file, path, dataStart + begin);
        }

        private TensorType ParseType(string name, JsonElement entry)
        {
            // As it is written: a text may hold half of a surrogate pair, which is no string.
            string dtype = entry.TryGetProperty("dtype", out JsonElement value) && value.ValueKind == JsonValueKind.String
                ? value.GetRawText()
                : "absent";
            return dtype switch
            {
                "\"F32\"" => TensorType.Float32,
                "\"F16\"" => TensorType.Float16,
                "\"BF16\"" => TensorType.BFloat16,
                "\"I64\"" => TensorType.Int64,
                _ => throw Wrong(name, $"has dtype {dtype}; expected F32, F16, BF16 or I64"),
            };
        }

        private int[] ParseShape(string name, JsonElement entry)
        {
            if (!entry.TryGetProperty("shape", out JsonElement value) || value.ValueKind != JsonValueKind.Array)
            {
                throw Wrong(name, "has no shape array");
            }

            int rank = value.GetArrayLength();
            if (rank > TensorShape.MaxRank)
            {
                throw Wrong(name, $"has {rank} dimensions; at most {TensorShape.MaxRank} are read");
            }

            int[] shape = new int[rank];
            for (int i = 0; i < rank; i++)
            {
                if (value[i].ValueKind != JsonValueKind.Number || !value[i].TryGetInt32(out shape[i]) || shape[i] < 0)
                {
                    throw Wrong(name, $"has shape[{i}] = {value[i].GetRawText()}; expected a whole number 0..{int.MaxValue}");
                }
            }

            return shape;
        }

        private (long Begin, long End) ParseOffsets(string name, JsonElement entry)
        {
            if (!entry.TryGetProperty("data_offsets", out JsonElement value)
                || value.ValueKind != JsonValueKind.Array
                || value.GetArrayLength() != 2
                || value[0].ValueKind != JsonValueKind.Number
                || value[1].ValueKind != JsonValueKind.Number
                || !value[0].TryGetInt64(out long begin)
                || !value[1].TryGetInt64(out long end))
            {
                throw Wrong(name, "has no data_offsets of two whole numbers");
            }

            return begin >= 0 && begin <= end && end <= dataBytes
                ? (begin, end)
                : throw Wrong(name, $"has data_offsets [{begin}, {end}]; expected an ascending pair within 0..{dataBytes}");
        }

        private void RequireExactCover()
        {
            _extents.Sort();
            long covered = 0;
            foreach ((long begin, long end, string name) in _extents)
            {
                if (begin != covered)
                {
                    string what = begin < covered ? "overlaps the tensor before it" : "leaves a gap before it";
                    throw Wrong(name, $"begins at byte {begin}, which {what}; expected {covered}");
                }

                covered = end;
            }

            if (covered != dataBytes)
            {
                throw new ModelFormatException(path, $"holds {dataBytes} bytes of elements; its header accounts for {covered}");
            }
        }

        private ModelFormatException Wrong(string name, string detail) => new(path, $"tensor \"{name}\" {detail}");
    }

    /// <summary>A contiguous tensor at a place in the file.</summary>
    private sealed class StoredTensor(
        string name, TensorType type, IReadOnlyList<int> shape, SafeFileHandle file, string path, long offset)
        : CheckpointTensor(name, type, shape)
    {
        public override void CopyTo(Span<float> destination)
        {
            ArgumentOutOfRangeException.ThrowIfNotEqual(destination.Length, Count);
            ElementReader.Read(file, path, offset, Type, destination);
        }
    }
}
