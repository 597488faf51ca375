using ChineseClip.Model.Checkpoints;

namespace ChineseClip.Model.Packages;

/// <summary>Finds the files of a checkpoint, given its folder or its weight file.</summary>
internal sealed record CheckpointFolder
{
    private static readonly string[] WeightNames = ["model.safetensors"];

    public required string Name { get; init; }

    public required string ConfigPath { get; init; }

    public required string VocabularyPath { get; init; }

    /// <summary>Null where the checkpoint has none; then the reference's defaults hold.</summary>
    public required string? PreprocessorPath { get; init; }

    public required string? TokenizerConfigPath { get; init; }

    public required string WeightPath { get; init; }

    /// <summary>Every file that holds weights.</summary>
    public required IReadOnlyList<string> WeightFiles { get; init; }

    /// <exception cref="ModelFormatException">A file that is needed is missing.</exception>
    public static CheckpointFolder Find(string source)
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
            ConfigPath = Required(folder, "config.json"),
            VocabularyPath = Required(folder, "vocab.txt"),
            PreprocessorPath = Optional(folder, "preprocessor_config.json"),
            TokenizerConfigPath = Optional(folder, "tokenizer_config.json"),
            WeightPath = weights,
            WeightFiles = [weights],
        };
    }

    public Checkpoint OpenWeights() => SafetensorsReader.Open(WeightPath);

    private static string FindWeights(string folder) =>
        WeightNames.Select(n => Optional(folder, n)).FirstOrDefault(p => p is not null)
        ?? throw new ModelFormatException(folder, $"holds no weights; looked for {string.Join(", ", WeightNames)}");

    private static string Required(string folder, string name) =>
        Optional(folder, name) ?? throw new ModelFormatException(folder, $"holds no {name}");

    private static string? Optional(string folder, string name)
    {
        string path = Path.Combine(folder, name);
        return File.Exists(path) ? path : null;
    }
}
