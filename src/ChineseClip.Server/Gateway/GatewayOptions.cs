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

    /// <summary>
    /// Bytes of request bodies in memory at once; more are answered <c>overloaded</c>. 1 MiB to 1 TiB. Default 512 MiB.
    /// </summary>
    public long MaxConcurrentBytes { get; set; } = 512 * 1024 * 1024;

    /// <summary>Connections at once; more are closed at once. 1 to 1,000,000. Default 20,000.</summary>
    public int MaxConnections { get; set; } = 20_000;

    /// <summary>
    /// Under overload, searches and writes are let in only as far as they are answered within this time, or within half of their own
    /// timeout when that is shorter; the others are answered <c>overloaded</c>. 64 searches at once (8 a processor, if that is more) are
    /// let in in any case, and half as many writes, of which, while searches are refused, no greater part is let in, but 4. 1 ms to
    /// 10 minutes. Default 100 ms.
    /// </summary>
    public TimeSpan TargetLatency { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Largest request body in bytes; 1,024 to 2,000,000,000. Default 64 MiB.</summary>
    public long MaxRequestBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>How long a request may take when it does not say; 10 ms to 10 minutes. Default 30 s.</summary>
    public TimeSpan DefaultTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a batch of items may take to be embedded and stored; 10 ms to 10 minutes. Default 60 s.</summary>
    public TimeSpan WriteTimeout { get; set; } = TimeSpan.FromSeconds(60);

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
