namespace ChineseClip.Grains.Concurrency;

/// <summary>Where a silo decodes pictures.</summary>
internal sealed class DecodePool(int concurrency) : IDisposable
{
    private const int MaxWaiting = 65536;

    public BoundedPool Pool { get; } = new("decode", concurrency, MaxWaiting);

    public void Dispose() => Pool.Dispose();
}
