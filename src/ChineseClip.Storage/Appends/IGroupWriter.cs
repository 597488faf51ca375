namespace ChineseClip.Storage.Appends;

/// <summary>Puts groups of records on the medium, one after the other.</summary>
internal interface IGroupWriter
{
    /// <summary>Writes the group and makes it durable; returns the LSN of its last record.</summary>
    Task<long> WriteAsync(AppendGroup group);

    /// <summary>Says what an exception of <see cref="WriteAsync"/> means; nothing is written after it.</summary>
    GroupFailure Explain(Exception exception);
}
