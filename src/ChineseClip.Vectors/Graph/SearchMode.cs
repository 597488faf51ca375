namespace ChineseClip.Vectors.Graph;

/// <summary>What a search may use; all but <see cref="Full"/> are for measuring.</summary>
internal enum SearchMode
{
    Full,

    /// <summary>Without the edges learned from queries.</summary>
    WithoutLearned,

    /// <summary>Without the graph: every code is compared.</summary>
    Scan,
}
