namespace ChineseClip.Grains.Gateway;

/// <summary>
/// What a read must know, carried beside every read so that a reader, which is a little behind its primary, neither misses a write that
/// this gateway has acknowledged nor answers for a collection that was created anew.
/// </summary>
internal static class ReadPromise
{
    private const string LsnKey = "cc.atLeastLsn";
    private const string IncarnationKey = "cc.incarnation";

    public static void Set(Guid incarnation, long lsn)
    {
        RequestContext.Set(LsnKey, lsn);
        RequestContext.Set(IncarnationKey, incarnation);
    }

    public static (Guid? Incarnation, long Lsn) Get() =>
        (RequestContext.Get(IncarnationKey) as Guid?, RequestContext.Get(LsnKey) as long? ?? 0);
}
