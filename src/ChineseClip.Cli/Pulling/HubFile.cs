namespace ChineseClip.Cli.Pulling;

/// <summary>What the hub says of one file before it is fetched.</summary>
/// <param name="Name">Its name in the repository.</param>
/// <param name="Size">In bytes; null where the hub does not say.</param>
/// <param name="Sha256">In lower-case hex; null where the hub gives none, as for small files.</param>
/// <param name="Commit">The commit that the revision stands for; null where the hub does not say.</param>
internal sealed record HubFile(string Name, long? Size, string? Sha256, string? Commit);
