namespace ChineseClip.Cli.Load;

/// <summary>What a load is sent to, and what its searches ask.</summary>
internal sealed record LoadTarget
{
    public required Uri Server { get; init; }

    public required string Collection { get; init; }

    /// <summary>Values of a vector.</summary>
    public required int Dimension { get; init; }

    public required int K { get; init; }

    public int? Ef { get; init; }

    /// <summary>A later answer is none; searches carry it as <c>timeoutMs</c>.</summary>
    public required TimeSpan Timeout { get; init; }

    public string? ApiKey { get; init; }
}
