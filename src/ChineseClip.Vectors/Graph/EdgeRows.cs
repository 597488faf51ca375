using System.Runtime.CompilerServices;
using ChineseClip.Vectors.Memory;

namespace ChineseClip.Vectors.Graph;

/// <summary>The rows of edges of one level.</summary>
internal unsafe interface IEdgeRows
{
    int Slots { get; }

    int* Row(int ordinal);
}

internal readonly unsafe struct BaseEdgeRows(ChunkedRows.View rows, int slots) : IEdgeRows
{
    public int Slots => slots;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int* Row(int ordinal) => (int*)rows[ordinal];
}

internal readonly unsafe struct UpperEdgeRows(GraphStore store, int level) : IEdgeRows
{
    public int Slots => store.M;

    public int* Row(int ordinal) => store.Row(ordinal, level);
}
