namespace ChineseClip.Abstractions;

/// <summary>What went wrong, one to one with the <c>code</c> of the HTTP API's problem details.</summary>
[GenerateSerializer, Alias("cc.ErrorCode")]
public enum ErrorCode
{
    /// <summary>The request is wrong; the message names the input, the value and the bound.</summary>
    InvalidInput = 0,

    /// <summary>The named collection, item or model does not exist.</summary>
    NotFound = 1,

    /// <summary>What was to be created exists, or changed under the caller.</summary>
    Conflict = 2,

    /// <summary>A vector or a model does not fit the collection's.</summary>
    DimensionMismatch = 3,

    /// <summary>The caller gave no valid key.</summary>
    Unauthorized = 4,

    /// <summary>The caller may not do this.</summary>
    Forbidden = 5,

    /// <summary>An input is larger than its bound.</summary>
    TooLarge = 6,

    /// <summary>A queue is full; try again later.</summary>
    Overloaded = 7,

    /// <summary>The caller's time ran out.</summary>
    Timeout = 8,

    /// <summary>A shard did not answer.</summary>
    ShardUnavailable = 9,

    /// <summary>A model could not be loaded or run.</summary>
    ModelUnavailable = 10,

    /// <summary>The storage refused or failed a write.</summary>
    StorageUnavailable = 11,

    /// <summary>Stored data failed its checks.</summary>
    Corrupt = 12,

    /// <summary>A fault of ours.</summary>
    Internal = 13,
}
