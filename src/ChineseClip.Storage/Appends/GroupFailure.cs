namespace ChineseClip.Storage.Appends;

/// <summary>What writing a group came to when it went wrong.</summary>
/// <param name="Answer">For the calls of the group.</param>
/// <param name="Refusal">Makes the answer for every call after it.</param>
internal sealed record GroupFailure(StorageException Answer, Func<Exception> Refusal);
