using ChineseClip.Server.Errors;

namespace ChineseClip.Server.Gateway;

/// <summary>A body whose length was not announced: takes from the budget as it is read.</summary>
internal sealed class CountedBody(Stream body, BodyBudget budget) : Stream
{
    /// <summary>What has been taken so far; the one who made this returns it.</summary>
    public long TakenBytes { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Counted(await body.ReadAsync(buffer, cancellationToken));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => Counted(body.Read(buffer, offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private int Counted(int count)
    {
        if (!budget.TryTake(count))
        {
            throw new RequestException(ErrorCode.Overloaded, BodyBudgetMiddleware.TooManyBytes(budget));
        }

        TakenBytes += count;
        return count;
    }
}
