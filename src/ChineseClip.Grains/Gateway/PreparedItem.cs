using ChineseClip.Abstractions;

namespace ChineseClip.Grains.Gateway;

/// <summary>One item on its way in: what is known of it so far.</summary>
internal sealed class PreparedItem(PutItem item)
{
    public PutItem Item => item;

    /// <summary>The picture as the encoder takes it.</summary>
    public ReadOnlyMemory<byte> Pixels { get; set; }

    public EmbeddingVector? Vector { get; set; }

    public ItemOutcome? Outcome { get; private set; }

    public bool HasFailed => Outcome?.Status == ItemStatus.Failed;

    public void Succeed(ItemStatus status) => Outcome = new ItemOutcome { Id = item.Id, Status = status };

    public void Fail(ErrorCode code, string message) => Outcome = new ItemOutcome
    {
        Id = item.Id ?? "",
        Status = ItemStatus.Failed,
        Error = new ItemError { Code = code, Message = message },
    };
}
