namespace ChineseClip.Grains.Configuration;

/// <summary>What this process is in the cluster.</summary>
public sealed class ClusterRoleOptions
{
    public const string Section = "Cluster";

    /// <summary>Its roles, of <c>gateway</c>, <c>shards</c> and <c>inference</c>, separated by commas. Default: all.</summary>
    public string Roles { get; set; } = SiloRoles.All;

    /// <summary>The cluster it belongs to. Default: <c>chineseclip</c>.</summary>
    public string ClusterId { get; set; } = "chineseclip";

    /// <summary>How processes find one another: <c>localhost</c> or <c>redis</c>. Default: <c>localhost</c>.</summary>
    public string Membership { get; set; } = "localhost";

    /// <summary>
    /// How long silos and shards must have kept their places before shards are moved to spread them evenly, one at a time. Default: 10 s;
    /// range 0.1 s..1 day.
    /// </summary>
    [Between(100, 86_400_000)]
    public TimeSpan BalanceAfter { get; set; } = TimeSpan.FromSeconds(10);
}
