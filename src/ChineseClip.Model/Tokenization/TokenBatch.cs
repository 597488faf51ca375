namespace ChineseClip.Model;

/// <summary>Token ids of several texts as one rectangle.</summary>
/// <remarks>Shape: [<see cref="Count"/>, <see cref="Length"/>], row-major.  Ownership: the caller owns the arrays.</remarks>
public sealed class TokenBatch
{
    private TokenBatch(int count, int length)
    {
        Count = count;
        Length = length;
        InputIds = new int[checked(count * length)];
        AttentionMask = new int[InputIds.Length];
        TokenTypeIds = new int[InputIds.Length];
    }

    public int Count { get; }

    public int Length { get; }

    public int[] InputIds { get; }

    /// <summary>1 for a token, 0 for padding.</summary>
    public int[] AttentionMask { get; }

    /// <summary>All 0: Chinese-CLIP knows no second sentence.</summary>
    public int[] TokenTypeIds { get; }

    public ReadOnlySpan<int> Row(int row) => InputIds.AsSpan(row * Length, Length);

    /// <summary>A row without its padding.</summary>
    public ReadOnlySpan<int> TokensOf(int row) => Row(row)[..AttentionMask.AsSpan(row * Length, Length).Count(1)];

    internal static TokenBatch Pack(int[][] rows, TokenPadding padding, int maxLength, int padId)
    {
        var longest = rows.Length == 0 ? 0 : rows.Max(row => row.Length);
        if (padding == TokenPadding.None && rows.Any(row => row.Length != longest))
        {
            var odd = Array.FindIndex(rows, row => row.Length != longest);
            throw new ArgumentException(
                $"Text {odd} has {rows[odd].Length} tokens and the longest has {longest}; without padding all must be equal.");
        }

        var length = padding == TokenPadding.MaxLength ? Math.Max(longest, maxLength) : longest;
        var batch = new TokenBatch(rows.Length, length);
        batch.InputIds.AsSpan().Fill(padId);
        for (var row = 0; row < rows.Length; row++)
        {
            rows[row].CopyTo(batch.InputIds.AsSpan(row * length));
            batch.AttentionMask.AsSpan(row * length, rows[row].Length).Fill(1);
        }

        return batch;
    }
}
