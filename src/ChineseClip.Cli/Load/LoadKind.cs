namespace ChineseClip.Cli.Load;

/// <summary>What a request of a load asks for.</summary>
internal enum LoadKind
{
    /// <summary>A search by vector.</summary>
    Vector,

    /// <summary>A search by text.</summary>
    Text,

    /// <summary>A search by picture.</summary>
    Image,

    /// <summary>A write of one item with a vector.</summary>
    Put,

    /// <summary>A delete of one item.</summary>
    Delete,
}
