namespace ChineseClip.Grains.Configuration;

/// <summary>The roles a silo can have.</summary>
public static class SiloRoles
{
    public const string Gateway = "gateway";
    public const string Shards = "shards";
    public const string Inference = "inference";
    public const string All = "gateway,shards,inference";

    /// <summary>The metadata key under which a silo tells the others its roles.</summary>
    public const string MetadataKey = "chineseclip.roles";

    /// <summary>Splits a list of roles.</summary>
    public static string[] Split(string roles) =>
        roles.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
