using System.Runtime.CompilerServices;
using ChineseClip.Vectors.Memory;

namespace ChineseClip.Vectors.Graph;

/// <summary>Which nodes a traversal has seen: a byte a node that holds the number of the traversal, cleared every 255th time.</summary>
internal sealed unsafe class VisitedTags : IDisposable
{
    private readonly NativeBuffer<byte> _tags = new();
    private byte _version;

    /// <summary>Starts a traversal over nodes 0..nodeCount-1.</summary>
    public View Begin(int nodeCount)
    {
        if (nodeCount > _tags.Length)
        {
            _tags.Reserve(nodeCount);
            _version = 0;
        }
        if (_version == byte.MaxValue)
        {
            new Span<byte>(_tags.Pointer, _tags.Length).Clear();
            _version = 0;
        }
        return new View(_tags.Pointer, ++_version, nodeCount);
    }

    public void Dispose() => _tags.Dispose();

    internal readonly struct View(byte* tags, byte version, int nodeCount)
    {
        private readonly byte* _tags = tags;
        private readonly byte _version = version;
        private readonly int _nodeCount = nodeCount;

        /// <summary>Marks a node; false when it was marked or is newer than this traversal.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool TryMark(int node)
        {
            if ((uint)node >= (uint)_nodeCount || _tags[node] == _version)
            {
                return false;
            }
            _tags[node] = _version;
            return true;
        }

        /// <summary>Copies the nodes of a row (ended by -1 or by its length) that were not marked, and marks them.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public int GatherUnvisited(int* row, int slots, int* unvisited) =>
            Gather(_tags, _version, _nodeCount, row, slots, unvisited);

        // Whether a node was seen is as good as random, so there is no branch on it: every node is written, and the count moves on
        // only for those whose tag differs. A method of its own, so that everything stays in registers.
        [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
        private static int Gather(byte* tags, byte version, int nodeCount, int* row, int slots, int* unvisited)
        {
            int count = 0;
            for (int i = 0; i < slots; i++)
            {
                int node = Volatile.Read(ref row[i]);    // read once: the writer may change it
                if ((uint)node >= (uint)nodeCount)
                {
                    if (node < 0)
                    {
                        break;
                    }
                    continue;
                }
                unvisited[count] = node;
                count += ((tags[node] ^ version) + byte.MaxValue) >> 8;    // 0 when equal, else 1
                tags[node] = version;
            }
            return count;
        }
    }
}
