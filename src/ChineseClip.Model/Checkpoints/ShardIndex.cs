using System.Text.Json;

namespace ChineseClip.Model.Checkpoints;

/// <summary>A checkpoint cut into several files, with an index that says which tensor is in which.</summary>
/// <remarks>Source: transformers 4.34, modeling_utils.py, load_sharded_checkpoint.</remarks>
internal static class ShardIndex
{
    private const int MaxFiles = 1024;

    /// <summary>Plain names of the files, in order.</summary>
    public static IReadOnlyList<string> FileNames(string indexPath) =>
        [.. ReadMap(indexPath).Values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <exception cref="ModelFormatException">A file is missing, or does not hold just what the index says.</exception>
    public static Checkpoint Open(string indexPath, Func<string, Checkpoint> open)
    {
        Dictionary<string, string> map = ReadMap(indexPath);
        string folder = Path.GetDirectoryName(Path.GetFullPath(indexPath))!;
        var shards = new List<Checkpoint>();
        try
        {
            var tensors = new Dictionary<string, CheckpointTensor>(StringComparer.Ordinal);
            foreach (string name in map.Values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
            {
                string path = Path.Combine(folder, name);
                if (!File.Exists(path))
                {
                    throw new ModelFormatException(indexPath, $"names the file {name}, which is missing");
                }

                shards.Add(open(path));
                AddShard(tensors, shards[^1], map, name, indexPath);
            }

            string? absent = map.Keys.FirstOrDefault(k => !tensors.ContainsKey(k));
            return absent is null
                ? new Checkpoint(indexPath, tensors, [.. shards])
                : throw new ModelFormatException(indexPath, $"puts \"{absent}\" in {map[absent]}, which does not hold it");
        }
        catch
        {
            shards.ForEach(s => s.Dispose());
            throw;
        }
    }

    private static void AddShard(
        Dictionary<string, CheckpointTensor> tensors, Checkpoint shard, Dictionary<string, string> map, string name, string indexPath)
    {
        foreach ((string tensorName, CheckpointTensor tensor) in shard.Tensors)
        {
            if (!map.TryGetValue(tensorName, out string? where) || where != name)
            {
                throw new ModelFormatException(indexPath, $"does not put \"{tensorName}\" in {name}, which holds it");
            }

            tensors.Add(tensorName, tensor);
        }
    }

    private static Dictionary<string, string> ReadMap(string indexPath)
    {
        using JsonDocument document = JsonSection.ParseDocument(File.ReadAllBytes(indexPath), indexPath);
        if (!document.RootElement.TryGetProperty("weight_map", out JsonElement entries) || entries.ValueKind != JsonValueKind.Object)
        {
            throw new ModelFormatException(indexPath, "has no weight_map object");
        }

        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (JsonProperty entry in entries.EnumerateObject())
        {
            string? file = JsonSection.ReadString(entry.Value);
            if (string.IsNullOrEmpty(file) || file != Path.GetFileName(file) || file is "." or "..")
            {
                throw new ModelFormatException(
                    indexPath, $"puts \"{entry.Name}\" in {entry.Value.GetRawText()}; expected a plain file name");
            }

            map.Add(entry.Name, file);
        }

        int files = map.Values.Distinct(StringComparer.Ordinal).Count();
        return files is > 0 and <= MaxFiles
            ? map
            : throw new ModelFormatException(indexPath, $"names {files} files; expected 1..{MaxFiles}");
    }
}
