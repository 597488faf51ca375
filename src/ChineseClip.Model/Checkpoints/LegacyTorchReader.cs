using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace ChineseClip.Model.Checkpoints;

/// <summary>Opens what torch.save wrote before version 1.6: five pickles in a row, then the storages.</summary>
/// <remarks>
/// The pickles are a magic number, a version, the writer's byte order, the saved object and the storages' keys; each storage is
/// its number of elements, in 8 bytes, and the elements.
/// Source: pytorch, torch/serialization.py (_legacy_save, _legacy_load).
/// </remarks>
internal static class LegacyTorchReader
{
    /// <summary>Length of the first pickle, by which the format is known.</summary>
    public const int MagicBytes = 15;

    private const long Version = 1001;
    private const int CountBytes = 8;

    private static ReadOnlySpan<byte> Magic =>
        [0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, (byte)'.'];

    public static bool Recognizes(ReadOnlySpan<byte> start) => start.StartsWith(Magic);

    /// <exception cref="ModelFormatException">The file is damaged, or its pickles ask for more than tensors need.</exception>
    public static Checkpoint Open(string path)
    {
        SafeFileHandle file = File.OpenHandle(path, options: FileOptions.RandomAccess);
        try
        {
            return new Checkpoint(path, ReadTensors(file, path), file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static Dictionary<string, CheckpointTensor> ReadTensors(SafeFileHandle file, string path)
    {
        long fileBytes = RandomAccess.GetLength(file);
        byte[] start = new byte[Math.Min(fileBytes, PickleReader.MaxBytes)];
        ElementReader.Fill(file, path, 0, start);
        int position = MagicBytes;
        if (Next() is not Version)
        {
            throw new ModelFormatException(path, $"is of another version of torch's older format; {Version} is read");
        }

        if (Next() is not PickleDictionary system || !system.Items.Exists(item => item is { Key: "little_endian", Value: true }))
        {
            throw new ModelFormatException(path, "is not of little byte order");
        }

        var storages = new Dictionary<string, TorchStorage>(StringComparer.Ordinal);
        object? saved = Next(storages);
        var keys = Next() as List<object?>;
        Dictionary<string, ZipEntry> places = Locate(file, path, keys ?? [], storages, position);
        return TorchReader.View(saved, new TorchFile(file, path, "", places));

        object? Next(Dictionary<string, TorchStorage>? found = null)
        {
            var reader = new PickleReader(start, path, position) { Storages = found };
            object? value = reader.Read();
            position = reader.Position;
            return value;
        }
    }

    private static Dictionary<string, ZipEntry> Locate(
        SafeFileHandle file, string path, List<object?> keys, Dictionary<string, TorchStorage> storages, long position)
    {
        var places = new Dictionary<string, ZipEntry>(StringComparer.Ordinal);
        long fileBytes = RandomAccess.GetLength(file);
        Span<byte> count = stackalloc byte[CountBytes];
        foreach (object? listed in keys)
        {
            if (listed is not string key || !storages.TryGetValue(key, out TorchStorage? storage))
            {
                throw new ModelFormatException(path, $"lists a storage after {places.Count} others that no tensor lies in");
            }

            ElementReader.Fill(file, path, position, count);
            position += CountBytes;
            long elements = BinaryPrimitives.ReadInt64LittleEndian(count);
            int elementBytes = StridedTensor.ElementBytes(storage.TypeName, path);
            if (elements != storage.Count || elements > (fileBytes - position) / elementBytes)
            {
                throw new ModelFormatException(
                    path,
                    $"has the storage {places.Count} with {elements} elements at {position}; its tensors say {storage.Count}, and the file has {fileBytes} bytes");
            }

            if (!places.TryAdd($"data/{key}", new ZipEntry(position, elements * elementBytes)))
            {
                throw new ModelFormatException(path, $"lists the storage {places.Count} twice");
            }

            position += elements * elementBytes;
        }

        return places;
    }
}
