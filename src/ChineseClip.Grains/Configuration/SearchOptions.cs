namespace ChineseClip.Grains.Configuration;

/// <summary>How searches share a silo's processors.</summary>
public sealed class SearchOptions
{
    public const string Section = "Search";

    /// <summary>Searches run at once on a silo; 0 means one for each processor. Default: 0; range 0..1024.</summary>
    [Between(0, 1024)]
    public int MaxConcurrency { get; set; }

    /// <summary>Searches that may wait on a silo. Default: 1,024; range 1..65,536.</summary>
    [Between(1, 65536)]
    public int MaxQueueLength { get; set; } = 1024;
}
