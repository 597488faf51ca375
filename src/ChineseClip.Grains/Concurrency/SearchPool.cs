namespace ChineseClip.Grains.Concurrency;

/// <summary>Where the shards of a silo search.</summary>
internal sealed class SearchPool(int concurrency, int maxQueueLength) : IDisposable
{
    public BoundedPool Pool { get; } = new("search", concurrency, maxQueueLength);

    public void Dispose() => Pool.Dispose();
}
