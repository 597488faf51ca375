namespace ChineseClip.Model.Tokenization;

/// <summary>Normalization forms and lower case of Unicode 14, on code points.</summary>
internal static class TextNormalization
{
    private const int DottedCapitalI = 0x130, CombiningDotAbove = 0x307;
    private const int CapitalSigma = 0x3A3, FinalSigma = 0x3C2;

    /// <summary>NFD of <paramref name="text"/> without its accents (category Mn).</summary>
    /// <remarks>Accents are dropped before the reordering, which cannot change the order of what remains. Cost: n log n.</remarks>
    public static void DecomposeWithoutAccents(ReadOnlySpan<int> text, ref CodePointBuffer destination)
    {
        destination.Clear();
        var runStart = 0;
        Span<int> partsMemory = stackalloc int[8];
        var parts = new CodePointBuffer(partsMemory);
        foreach (var codePoint in text)
        {
            parts.Clear();
            UnicodeTables.AppendDecomposition(codePoint, ref parts);
            foreach (var part in parts.Items)
            {
                var isAccent = (UnicodeTables.Flags(part) & CharacterFlags.NonspacingMark) != 0;
                if (UnicodeTables.CombiningClass(part) == 0)
                {
                    Reorder(destination.Items[runStart..]);
                    runStart = destination.Count + (isAccent ? 0 : 1);
                }

                if (!isAccent)
                {
                    destination.Add(part);
                }
            }
        }

        Reorder(destination.Items[runStart..]);
        parts.Dispose();
    }

    /// <summary>NFC of <paramref name="text"/>.</summary>
    /// <remarks>Source: Unicode Standard 3.11, D117. Cost: n log n.</remarks>
    public static void Compose(ReadOnlySpan<int> text, ref CodePointBuffer destination)
    {
        // Step 1: full decomposition, each run of combining characters in the order of their classes.
        destination.Clear();
        var runStart = 0;
        foreach (var codePoint in text)
        {
            var before = destination.Count;
            UnicodeTables.AppendDecomposition(codePoint, ref destination);
            for (var i = before; i < destination.Count; i++)
            {
                if (UnicodeTables.CombiningClass(destination.Items[i]) == 0)
                {
                    Reorder(destination.Items[runStart..i]);
                    runStart = i + 1;
                }
            }
        }

        Reorder(destination.Items[runStart..]);

        // Step 2: join each character with the last starter unless something of the same or a higher class stands between.
        var items = destination.Items;
        int starter = -1, kept = 0, lastClass = 0;
        for (var i = 0; i < items.Length; i++)
        {
            var codePoint = items[i];
            var combiningClass = UnicodeTables.CombiningClass(codePoint);
            var isAdjacent = starter == kept - 1;
            if (starter >= 0 && (isAdjacent || (lastClass < combiningClass && lastClass != 0))
                && UnicodeTables.Compose(items[starter], codePoint) is >= 0 and var composed)
            {
                items[starter] = composed;
                continue;
            }

            if (combiningClass == 0)
            {
                starter = kept;
            }

            lastClass = combiningClass;
            items[kept++] = codePoint;
        }

        destination.Truncate(kept);
    }

    /// <summary>Lower case of one character, without regard to its neighbours.</summary>
    public static void AppendLower(int codePoint, ref CodePointBuffer destination)
    {
        if (codePoint == DottedCapitalI)
        {
            destination.Add('i');
            destination.Add(CombiningDotAbove);
        }
        else
        {
            destination.Add(UnicodeTables.Lower(codePoint));
        }
    }

    /// <summary>Python's str.lower() of a whole word: as character by character, but for a sigma that ends it.</summary>
    /// <remarks>Cost: linear; both scans from a sigma stop at the next one, which is itself cased.</remarks>
    public static void LowerWord(ReadOnlySpan<int> word, ref CodePointBuffer destination)
    {
        destination.Clear();
        for (var i = 0; i < word.Length; i++)
        {
            if (word[i] == CapitalSigma && IsFinalSigma(word, i))
            {
                destination.Add(FinalSigma);
            }
            else
            {
                AppendLower(word[i], ref destination);
            }
        }
    }

    private static bool IsFinalSigma(ReadOnlySpan<int> word, int index)
    {
        var before = index - 1;
        while (before >= 0 && Has(word[before], CharacterFlags.CaseIgnorable))
        {
            before--;
        }

        if (before < 0 || !Has(word[before], CharacterFlags.Cased))
        {
            return false;
        }

        var after = index + 1;
        while (after < word.Length && Has(word[after], CharacterFlags.CaseIgnorable))
        {
            after++;
        }

        return after == word.Length || !Has(word[after], CharacterFlags.Cased);
    }

    private static bool Has(int codePoint, CharacterFlags flag) => (UnicodeTables.Flags(codePoint) & flag) != 0;

    private static void Reorder(Span<int> run)
    {
        if (run.Length < 2)
        {
            return;
        }

        var keys = new long[run.Length];
        for (var i = 0; i < run.Length; i++)
        {
            keys[i] = ((long)UnicodeTables.CombiningClass(run[i]) << 32) | (uint)i;
        }

        keys.AsSpan().Sort(run);
    }
}
