namespace ChineseClip.Client;

/// <summary>How <see cref="HttpChineseClipClient"/> behaves.</summary>
/// <remarks>The server's address and the timeout are those of its <see cref="HttpClient"/>.</remarks>
public sealed record ChineseClipClientOptions
{
    /// <summary>Key sent as <c>Authorization: Bearer</c>; <see langword="null"/> sends none.</summary>
    public string? ApiKey { get; init; }

    /// <summary>Wait before the one retry when the server names no <c>Retry-After</c>. Default 100 ms.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest <c>Retry-After</c> that is waited for; beyond it the error is given at once. Default 5 s.</summary>
    public TimeSpan MaxRetryDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Clock of the waits. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
