using System.Text.Json;
using ChineseClip.Cli.Output;
using ChineseClip.Cli.Running;

namespace ChineseClip.Cli.Pulling;

/// <summary>Fetches the files of a checkpoint: configuration, vocabulary, preprocessing, and the weights in the first form there is.</summary>
internal sealed class CheckpointPull(HubRepository repository, string directory, CliStreams streams)
{
    private const int UnitBytes = 1024;
    private const string Vocabulary = "vocab.txt";

    private static readonly string[] Weights =
        ["model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json"];

    /// <summary>Between fruitless tries.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(2);

    /// <param name="revision">A branch, tag or commit; all files come from the commit that it stands for now.</param>
    /// <param name="weights">The weight file; null takes the first of the usual names.</param>
    /// <param name="needsVocabulary">Whether a repository without vocab.txt is refused.</param>
    /// <param name="cancellationToken">Stops; what has come so far is kept.</param>
    /// <returns>The path of the weight file, or of the index of several.</returns>
    public async Task<string> RunAsync(string revision, string? weights, bool needsVocabulary, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(directory);
        string? commit = null;
        foreach (string name in new[] { Vocabulary, "config.json", "preprocessor_config.json", "tokenizer_config.json" })
        {
            if (await FindAsync(name) is { } file)
            {
                await DownloadAsync(file, commit ?? revision, cancellationToken);
            }
            else if (needsVocabulary && name == Vocabulary)
            {
                throw new CommandFailedException(
                    $"The repository has no {Vocabulary} at revision '{revision}'; give one with --vocab (all published models have that of bert-base-chinese).");
            }
            else
            {
                File.Delete(Path.Combine(directory, name)); // one of an earlier revision would be taken for this one's
            }
        }

        string[] candidates = weights is null ? Weights : [weights];
        foreach (string name in candidates)
        {
            if (await FindAsync(name) is { } file)
            {
                string path = await DownloadAsync(file, commit ?? revision, cancellationToken);
                await DownloadShardsAsync(path, commit ?? revision, cancellationToken);
                return path;
            }
        }

        string hint = weights is null ? " Weights of another name are given with --weights." : string.Empty;
        throw new CommandFailedException(
            $"The repository has no weights at revision '{revision}'; looked for {string.Join(", ", candidates)}.{hint}");

        async Task<HubFile?> FindAsync(string name)
        {
            HubFile? file = await repository.FindAsync(name, commit ?? revision, cancellationToken);
            commit ??= file?.Commit;
            return file;
        }
    }

    private async Task DownloadShardsAsync(string index, string commit, CancellationToken cancellationToken)
    {
        if (!index.EndsWith(".index.json", StringComparison.Ordinal))
        {
            return;
        }

        using JsonDocument document = JsonDocument.Parse(await File.ReadAllBytesAsync(index, cancellationToken));
        if (!document.RootElement.TryGetProperty("weight_map", out JsonElement map) || map.ValueKind != JsonValueKind.Object)
        {
            throw new CommandFailedException($"'{index}' has no weight_map object.");
        }

        foreach (string? name in map.EnumerateObject().Select(entry => entry.Value.GetString()).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            if (string.IsNullOrEmpty(name) || name.AsSpan().IndexOfAny('/', '\\') >= 0 || name is "." or "..")
            {
                throw new CommandFailedException($"'{index}' names the file '{name}'; must be a plain file name.");
            }

            HubFile shard = await repository.FindAsync(name, commit, cancellationToken)
                ?? throw new CommandFailedException($"The repository has no {name}, which {Path.GetFileName(index)} names.");
            await DownloadAsync(shard, commit, cancellationToken);
        }
    }

    private async Task<string> DownloadAsync(HubFile file, string revision, CancellationToken cancellationToken)
    {
        string path = string.Empty;
        int total = (int)Math.Min(int.MaxValue, ((file.Size ?? 0) + UnitBytes - 1) / UnitBytes);
        await WorkProgress.RunAsync(streams, $"Downloading {file.Name} (KiB)", total, async advance =>
        {
            long bytes = 0;
            long shown = 0;
            FileDownload download = new(repository, directory)
            {
                Pause = Pause,
                Advance = count =>
                {
                    bytes += count;
                    advance((int)((bytes / UnitBytes) - shown));
                    shown = bytes / UnitBytes;
                },
            };
            path = await download.RunAsync(file, revision, cancellationToken);
        });
        return path;
    }
}
