namespace ChineseClip.Abstractions;

/// <summary>The one exception that crosses grain calls: a stable code and a message for the caller.</summary>
/// <remarks>Orleans carries foreign exception types only by their message, so this one has its own serializer.</remarks>
[GenerateSerializer, Alias("cc.ClusterException")]
public sealed class ClusterException : Exception
{
    /// <summary>Makes an exception.</summary>
    /// <param name="code">The stable code.</param>
    /// <param name="message">One sentence that names the input, the value and the bound.</param>
    /// <param name="innerException">What caused it; only its message crosses a process.</param>
    public ClusterException(ErrorCode code, string message, Exception? innerException = null)
        : base(message, innerException)
    {
        Code = code;
    }

    /// <summary>The stable code.</summary>
    [Id(0)]
    public ErrorCode Code { get; private set; }

    /// <summary>When trying again is worth it; null when unknown.</summary>
    [Id(1)]
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Which element of a batch is at fault, such as <c>images[3]</c>; null when the whole request is.</summary>
    [Id(2)]
    public string? Element { get; init; }

    /// <summary>Whether the same request may succeed a little later.</summary>
    public bool IsTransient => Code is ErrorCode.Overloaded or ErrorCode.Timeout or ErrorCode.ShardUnavailable
        or ErrorCode.StorageUnavailable;
}
