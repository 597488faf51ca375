using System.ComponentModel.DataAnnotations;

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

    /// <summary>How old what a reader of a shard knows may be for it to answer. Default: 5 s; range 0.1 s..1 hour.</summary>
    [Between(100, 3_600_000)]
    public TimeSpan MaxReplicaLag { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Where reads of a collection with replicas go first: <c>primary</c>, which knows every write, or <c>any</c> copy in turn, which
    /// spreads the load. Either way another copy is asked when the first fails or takes its time. Default: <c>primary</c>.
    /// </summary>
    [AllowedValues("primary", "any", ErrorMessage = "Search:ReadFrom must be primary or any.")]
    public string ReadFrom { get; set; } = "primary";
}
