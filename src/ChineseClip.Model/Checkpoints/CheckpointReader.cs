using System.Buffers.Binary;

namespace ChineseClip.Model.Checkpoints;

/// <summary>Opens a checkpoint of any known form, under the reference's names.</summary>
internal static class CheckpointReader
{
    private const uint ZipSignature = 0x04034b50;
    private const int FirstBytes = 16;

    public static bool IsIndex(string path) => path.EndsWith(".index.json", StringComparison.Ordinal);

    /// <param name="path">A weight file or an index of several.</param>
    public static Checkpoint Open(string path)
    {
        Checkpoint checkpoint = IsIndex(path) ? ShardIndex.Open(path, OpenFile) : OpenFile(path);
        if (!OfaNames.Recognizes(checkpoint))
        {
            return checkpoint;
        }

        try
        {
            return OfaNames.Translate(checkpoint);
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }
    }

    /// <summary>By its first bytes, not by its name: a zip is torch's, and so is a certain pickle.</summary>
    private static Checkpoint OpenFile(string path)
    {
        Span<byte> first = stackalloc byte[FirstBytes];
        using (FileStream stream = File.OpenRead(path))
        {
            first = first[..stream.ReadAtLeast(first, first.Length, throwOnEndOfStream: false)];
        }

        if (first.StartsWith("version https://"u8))
        {
            throw new ModelFormatException(
                path, "is a pointer of Git LFS, of a clone made without it; the weights themselves are wanted (git lfs pull, or model pull)");
        }

        if (LegacyTorchReader.Recognizes(first))
        {
            return LegacyTorchReader.Open(path);
        }

        bool isZip = first.Length >= 4 && BinaryPrimitives.ReadUInt32LittleEndian(first) == ZipSignature;
        // A safetensors file of any name has its header's brace behind the header's length.
        bool isSafetensors = path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase) || (first.Length > 8 && first[8] == (byte)'{');
        return isZip || !isSafetensors ? TorchReader.Open(path) : SafetensorsReader.Open(path);
    }
}
