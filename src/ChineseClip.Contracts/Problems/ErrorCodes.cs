namespace ChineseClip.Contracts;

/// <summary>The stable values of <see cref="Problem.Code"/>.</summary>
public static class ErrorCodes
{
    /// <summary>The request is not as documented, or a value is out of its bounds.</summary>
    public const string InvalidInput = "invalid_input";

    /// <summary>The thing named does not exist.</summary>
    public const string NotFound = "not_found";

    /// <summary>It exists already, or differs from what is stored.</summary>
    public const string Conflict = "conflict";

    /// <summary>A vector has another length than the collection's.</summary>
    public const string DimensionMismatch = "dimension_mismatch";

    /// <summary>No API key, or a wrong one.</summary>
    public const string Unauthorized = "unauthorized";

    /// <summary>The server's configuration does not allow it.</summary>
    public const string Forbidden = "forbidden";

    /// <summary>The body, a picture or a batch is beyond its bound.</summary>
    public const string TooLarge = "too_large";

    /// <summary>Too much at once; try again after <c>Retry-After</c>.</summary>
    public const string Overloaded = "overloaded";

    /// <summary>The time allowed ran out.</summary>
    public const string Timeout = "timeout";

    /// <summary>A shard cannot answer now.</summary>
    public const string ShardUnavailable = "shard_unavailable";

    /// <summary>The model cannot answer now.</summary>
    public const string ModelUnavailable = "model_unavailable";

    /// <summary>What must be durable cannot be written now.</summary>
    public const string StorageUnavailable = "storage_unavailable";

    /// <summary>Stored data failed its checks.</summary>
    public const string Corrupt = "corrupt";

    /// <summary>A fault of the server.</summary>
    public const string Internal = "internal";
}
