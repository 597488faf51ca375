namespace ChineseClip.Model.Checkpoints;

internal static class TensorShape
{
    public const int MaxRank = 8;

    /// <summary>Number of elements; 1 for a scalar. A product beyond 2^62 gives a number beyond every limit instead of wrapping.</summary>
    public static long Count(IReadOnlyList<int> shape)
    {
        long count = 1;
        foreach (int dimension in shape)
        {
            if (dimension == 0)
            {
                return 0;
            }

            count = count > (1L << 62) / dimension ? long.MaxValue / 16 : count * dimension;
        }

        return count;
    }

    public static string Show(IReadOnlyList<int> shape) => $"[{string.Join(", ", shape)}]";
}
