using System.Buffers.Binary;
using System.Security.Cryptography;
using ChineseClip.Cli.Running;

namespace ChineseClip.Cli.Indexing;

/// <summary>What <c>index</c> reads: entries come one after the other, so that no source need fit in memory.</summary>
internal abstract class IndexSource
{
    /// <summary>What its entries are called, in the plural.</summary>
    public abstract string Noun { get; }

    /// <summary>How many entries there are.</summary>
    public abstract int Count { get; }

    /// <summary>Files that are none of its entries.</summary>
    public virtual int OtherCount => 0;

    /// <summary>Length of its vectors; null where it is not known beforehand.</summary>
    public virtual int? Dimension => null;

    public abstract IEnumerable<IndexEntry> Entries();

    /// <param name="path">A folder, or a file whose ending tells its form.</param>
    /// <param name="idFile">The ids of a <c>.npy</c>.</param>
    public static IndexSource Open(string path, string? idFile)
    {
        string extension = Path.GetExtension(path).ToLowerInvariant();
        bool isVectors = extension == ".npy" && !Directory.Exists(path);
        if (isVectors != idFile is not null)
        {
            throw new CommandLineException(isVectors
                ? $"'{path}' holds vectors without ids; must come with --ids FILE."
                : $"--ids is for a .npy file, and '{path}' is none.");
        }

        if (!File.Exists(path))
        {
            return PictureFolder.Scan(path);
        }

        return extension switch
        {
            ".jsonl" => new JsonLinesSource(path),
            ".tsv" => new TsvSource(path),
            ".npy" => new NpySource(path, idFile!),
            _ => throw new CommandFailedException(
                $"'{path}' is a file that is no .jsonl, .tsv or .npy; index takes one of these or a folder of pictures."),
        };
    }

    protected static long StampOf(ReadOnlySpan<byte> content)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(content, hash);
        return BinaryPrimitives.ReadInt64LittleEndian(hash);
    }

    /// <summary>Lines with something in them.</summary>
    protected static int CountLines(string path) => File.ReadLines(path).Count(line => !string.IsNullOrWhiteSpace(line));
}
