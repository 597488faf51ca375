namespace ChineseClip.Cli.Load;

/// <summary>How one request of a load went.</summary>
/// <param name="Kind">What it asked for.</param>
/// <param name="Due">When it was to be sent, since the start of the run.</param>
/// <param name="Latency">From when it was to be sent, not from when it was, to the end of its answer.</param>
/// <param name="Status">The HTTP status, or <see cref="TimedOut"/> or <see cref="Failed"/>.</param>
internal readonly record struct LoadOutcome(LoadKind Kind, TimeSpan Due, TimeSpan Latency, int Status)
{
    /// <summary>No answer in time.</summary>
    public const int TimedOut = 0;

    /// <summary>The connection broke or could not be made.</summary>
    public const int Failed = -1;

    /// <summary>How much later than due it went out; null when that was for want of a connection, or in a closed loop.</summary>
    public TimeSpan? Lag { get; init; }

    public bool WasSent { get; init; } = true;

    public bool IsGood => Status is >= 200 and < 300;
}
