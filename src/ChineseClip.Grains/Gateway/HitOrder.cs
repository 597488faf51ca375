using ChineseClip.Abstractions;

namespace ChineseClip.Grains.Gateway;

/// <summary>The order of hits: score descending, then id in ordinal order. Total, because an id is in one shard only.</summary>
internal sealed class HitOrder : IComparer<SearchHit>
{
    public static readonly HitOrder Instance = new();

    public int Compare(SearchHit? x, SearchHit? y)
    {
        int byScore = y!.Score.CompareTo(x!.Score);
        return byScore != 0 ? byScore : string.CompareOrdinal(x.Id, y.Id);
    }
}
