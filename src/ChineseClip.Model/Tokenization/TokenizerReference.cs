namespace ChineseClip.Model;

/// <summary>Which reference implementation the token ids are equal to; they differ on rare text.</summary>
public enum TokenizerReference
{
    /// <summary>
    /// HF transformers' BertTokenizer: special tokens in the text are kept whole, every category C* is dropped, lower case is made
    /// character by character, a word of more than 100 characters is unknown.
    /// </summary>
    HuggingFace,

    /// <summary>
    /// OFA-Sys cn_clip's FullTokenizer: special tokens are plain text, only Cc and Cf are dropped, lower case knows the final sigma,
    /// a word of more than 200 characters is unknown.
    /// </summary>
    OfaSys,
}
