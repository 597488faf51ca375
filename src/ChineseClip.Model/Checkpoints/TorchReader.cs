using Microsoft.Win32.SafeHandles;

namespace ChineseClip.Model.Checkpoints;

/// <summary>Opens what torch.save writes: a zip of one pickle and one entry for each storage.</summary>
/// <remarks>
/// The state dict is the pickle itself, or its item <c>state_dict</c> where training state surrounds it; a <c>module.</c>
/// before every name is taken off. Tensors are views with offset and strides and may share a storage.
/// Source: pytorch, torch/serialization.py (_save, zip format).
/// </remarks>
internal static class TorchReader
{
    private const string PickleName = "data.pkl";
    private const string ParallelPrefix = "module.";
    private const int MaxShown = 100;

    /// <exception cref="ModelFormatException">The file is damaged, or its pickle asks for more than tensors need.</exception>
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
        Dictionary<string, ZipEntry> entries = ZipEntries.Read(file, path);
        string[] pickles = [.. entries.Keys.Where(k => k == PickleName || k.EndsWith("/" + PickleName, StringComparison.Ordinal))];
        if (pickles.Length != 1)
        {
            throw new ModelFormatException(path, $"has {pickles.Length} entries named {PickleName}; expected 1");
        }

        string root = pickles[0][..^PickleName.Length];
        RequireLittleEndian(file, path, entries, root);
        byte[] pickle = ReadEntry(file, path, pickles[0], entries[pickles[0]], PickleReader.MaxBytes);
        return View(new PickleReader(pickle, path).Read(), new TorchFile(file, path, root, entries));
    }

    /// <summary>The tensors of an unpickled object, by name.</summary>
    internal static Dictionary<string, CheckpointTensor> View(object? pickled, TorchFile file)
    {
        string path = file.Path;
        PickleDictionary states = FindStates(pickled, path);
        var tensors = new Dictionary<string, CheckpointTensor>(StringComparer.Ordinal);
        foreach ((object? key, object? value) in states.Items)
        {
            if (key is not string name || value is not TorchTensor tensor)
            {
                throw new ModelFormatException(path, $"has the item \"{Clip(key as string)}\" in its state dict, which is no tensor");
            }

            CheckpointTensor viewed = StridedTensor.View(name, tensor, file);
            if (!tensors.TryAdd(name, viewed))
            {
                throw new ModelFormatException(path, $"has the tensor \"{Clip(name)}\" twice");
            }
        }

        return tensors.Count > 0 && tensors.Keys.All(k => k.StartsWith(ParallelPrefix, StringComparison.Ordinal))
            ? WithoutPrefix(tensors.Values)
            : tensors;
    }

    private static string? Clip(string? name) => name?.Length > MaxShown ? name[..MaxShown] + "…" : name;

    private static Dictionary<string, CheckpointTensor> WithoutPrefix(IEnumerable<CheckpointTensor> tensors) =>
        tensors.Select(t => DerivedTensor.Renamed(t, t.Name[ParallelPrefix.Length..]))
            .ToDictionary(t => t.Name, CheckpointTensor (t) => t, StringComparer.Ordinal);

    private static PickleDictionary FindStates(object? value, string path)
    {
        var outer = value as PickleDictionary;
        object? inner = outer?.Items.Find(i => i.Key is "state_dict").Value;
        return inner as PickleDictionary ?? outer
            ?? throw new ModelFormatException(path, "its pickle is no dictionary of tensors");
    }

    private static void RequireLittleEndian(
        SafeFileHandle file, string path, Dictionary<string, ZipEntry> entries, string root)
    {
        if (entries.TryGetValue(root + "byteorder", out ZipEntry entry))
        {
            byte[] order = ReadEntry(file, path, "byteorder", entry, 16);
            if (!order.AsSpan().SequenceEqual("little"u8))
            {
                throw new ModelFormatException(path, "is not of little byte order");
            }
        }
    }

    private static byte[] ReadEntry(SafeFileHandle file, string path, string name, ZipEntry entry, int maxBytes)
    {
        if (entry.ByteCount > maxBytes)
        {
            throw new ModelFormatException(path, $"has the entry {name} of {entry.ByteCount} bytes; at most {maxBytes} are read");
        }

        byte[] bytes = new byte[entry.ByteCount];
        ElementReader.Fill(file, path, entry.Offset, bytes);
        return bytes;
    }
}

/// <summary>The opened file and what its tensors need to find their storages.</summary>
internal sealed record TorchFile(SafeFileHandle Handle, string Path, string Root, Dictionary<string, ZipEntry> Entries);
