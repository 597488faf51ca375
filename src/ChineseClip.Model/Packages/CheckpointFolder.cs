using ChineseClip.Model.Checkpoints;

namespace ChineseClip.Model.Packages;

/// <summary>Finds the files of a checkpoint, given its folder or its weight file.</summary>
internal sealed record CheckpointFolder
{
    private static readonly string[] WeightNames =
        ["model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json"];

    public required string Name { get; init; }

    /// <summary>Null where the checkpoint has none; then its shapes must be those of a published model.</summary>
    public required string? ConfigPath { get; init; }

    /// <summary>Null where the checkpoint has none; a tower alone needs none.</summary>
    public required string? VocabularyPath { get; init; }

    /// <summary>Null where the checkpoint has none; then the reference's defaults hold.</summary>
    public required string? PreprocessorPath { get; init; }

    public required string? TokenizerConfigPath { get; init; }

    /// <summary>The weight file, or the index of several.</summary>
    public required string WeightPath { get; init; }

    /// <summary>Every file that holds weights.</summary>
    public required IReadOnlyList<string> WeightFiles { get; init; }

    /// <param name="source">A checkpoint folder, or a weight file in one.</param>
    /// <param name="vocabulary">A vocab.txt to take instead of the folder's.</param>
    /// <param name="config">A config.json to take instead of the folder's.</param>
    /// <exception cref="ModelFormatException">There are no weights, or a given file is missing.</exception>
    public static CheckpointFolder Find(string source, string? vocabulary = null, string? config = null)
    {
        bool isFile = File.Exists(source);
        if (!isFile && !Directory.Exists(source))
        {
            throw new ModelFormatException(source, "does not exist; expected a checkpoint folder or a weight file");
        }

        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(source));
        string folder = isFile ? Path.GetDirectoryName(full)! : full;
        string weights = isFile ? full : FindWeights(folder);
        return new CheckpointFolder
        {
            Name = Path.GetFileName(folder),
            ConfigPath = Given(config) ?? Optional(folder, "config.json"),
            VocabularyPath = Given(vocabulary) ?? Optional(folder, "vocab.txt"),
            PreprocessorPath = Optional(folder, "preprocessor_config.json"),
            TokenizerConfigPath = Optional(folder, "tokenizer_config.json"),
            WeightPath = weights,
            WeightFiles = CheckpointReader.IsIndex(weights)
                ? [.. ShardIndex.FileNames(weights).Select(n => Path.Combine(folder, n))]
                : [weights],
        };
    }

    /// <summary>A folder's weights by their usual names, else its only <c>.pt</c>, which is how OFA-Sys publishes.</summary>
    private static string FindWeights(string folder)
    {
        string? usual = WeightNames.Select(n => Optional(folder, n)).FirstOrDefault(p => p is not null);
        if (usual is not null)
        {
            return usual;
        }

        string[] torch = Directory.GetFiles(folder, "*.pt");
        return torch.Length == 1
            ? torch[0]
            : throw new ModelFormatException(
                folder, $"holds no weights; looked for {string.Join(", ", WeightNames)} and a single *.pt (found {torch.Length})");
    }

    private static string? Given(string? path) => path is null || File.Exists(path)
        ? path
        : throw new ModelFormatException(path, "does not exist; expected a file");

    private static string? Optional(string folder, string name)
    {
        string path = Path.Combine(folder, name);
        return File.Exists(path) ? path : null;
    }
}
