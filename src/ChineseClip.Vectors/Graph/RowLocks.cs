using System.Runtime.CompilerServices;

namespace ChineseClip.Vectors.Graph;

/// <summary>Locks for the rows of edges, shared by rows whose ordinals agree in their low bits. Held for a microsecond; never two at once.</summary>
internal sealed class RowLocks
{
    private const int StripeCount = 4096;
    private readonly int[] _held = new int[StripeCount];

    public Holder Enter(int ordinal)
    {
        ref int held = ref _held[ordinal & (StripeCount - 1)];
        SpinWait wait = default;
        while (Interlocked.CompareExchange(ref held, 1, 0) != 0)
        {
            wait.SpinOnce(sleep1Threshold: -1);
        }
        return new Holder(ref held);
    }

    internal readonly ref struct Holder(ref int held)
    {
        private readonly ref int _held = ref held;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Dispose() => Volatile.Write(ref _held, 0);
    }
}
