namespace ChineseClip.Grains.Configuration;

/// <summary>Where the shards' logs are.</summary>
public sealed class StorageOptions
{
    public const string Section = "Storage";
    public const string Files = "files";

    /// <summary><c>files</c>. Default: <c>files</c>.</summary>
    public string Provider { get; set; } = Files;

    /// <summary>The root directory of the files; held by one process. Default: <c>data</c>.</summary>
    public string Directory { get; set; } = "data";
}
