namespace ChineseClip.Server.Gateway;

/// <summary>How the HTTP gateway guards itself.</summary>
public sealed class GatewayOptions
{
    public const string Section = "Gateway";

    /// <summary>
    /// Keys that open <c>/v1</c>, a list or separated by commas; none opens it to everybody. Each has at least 8
    /// characters.
    /// </summary>
    public IList<string> ApiKeys { get; } = [];

    /// <summary>
    /// Requests a second and caller (key or address), with as many in one burst; 0 to 1,000,000. Default 0: no limit.
    /// </summary>
    public int RateLimit { get; set; }

    /// <summary>
    /// Requests under <c>/v1</c> that are worked on at once; more are answered <c>overloaded</c>. 1 to 100,000.
    /// </summary>
    public int MaxConcurrentRequests { get; set; } = 512;

    /// <summary>Largest request body in bytes; 1,024 to 2,000,000,000. Default 64 MiB.</summary>
    public long MaxRequestBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>How long a request may take when it does not say; 10 ms to 10 minutes. Default 30 s.</summary>
    public TimeSpan DefaultTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Takes the keys from one value with commas, as a command line gives them.</summary>
    internal void ReadCommas(IConfiguration configuration)
    {
        string keys = configuration.GetSection(Section)[nameof(ApiKeys)] ?? "";
        foreach (string key in keys.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            ApiKeys.Add(key);
        }
    }
}
