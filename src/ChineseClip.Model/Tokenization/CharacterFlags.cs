namespace ChineseClip.Model.Tokenization;

/// <summary>What the reference tokenizers ask about a character, as Unicode 14 answers.</summary>
[Flags]
internal enum CharacterFlags : byte
{
    None = 0,

    /// <summary>Category Mn: an accent, dropped after decomposition.</summary>
    NonspacingMark = 1,

    /// <summary>Any category C* (control, format, surrogate, private use, unassigned) but tab, line feed, carriage return.</summary>
    Other = 2,

    /// <summary>Category Cc or Cf but tab, line feed, carriage return.</summary>
    ControlOrFormat = 4,

    /// <summary>Any category P*, and every ASCII symbol.</summary>
    Punctuation = 8,

    /// <summary>Where Python's str.split() splits, less the characters that both references drop as controls.</summary>
    WhiteSpace = 16,

    /// <summary>Cased and not case-ignorable, as the rule of the final sigma needs it.</summary>
    Cased = 32,

    CaseIgnorable = 64,
}
