namespace ChineseClip.Model.Tests.Tokenization;

/// <summary>Token ids equal to HF transformers 4.34.0.dev0 (c26b2a29e500) and OFA-Sys/Chinese-CLIP (31863c7).</summary>
public class TokenizerGoldenTests
{
    private const int RowCount = 146;

    [Theory]
    [InlineData(TokenizerReference.HuggingFace)]
    [InlineData(TokenizerReference.OfaSys)]
    public void Encode_TinyVocabulary_EqualsReference(TokenizerReference reference) =>
        AssertEqual("tokenizer-tiny.json", ChineseClipTokenizer.Load(TokenizerGolden.TinyVocabulary, reference));

    [Theory]
    [InlineData(TokenizerReference.HuggingFace)]
    [InlineData(TokenizerReference.OfaSys)]
    public void Encode_PublishedVocabulary_EqualsReference(TokenizerReference reference)
    {
        Assert.SkipWhen(TokenizerGolden.BertVocabulary is null, "shared/golden/bert-base-chinese-vocab.txt is not beside the checkout.");
        var tokenizer = ChineseClipTokenizer.Load(TokenizerGolden.BertVocabulary!, reference);

        Assert.Equal(21128, tokenizer.VocabularySize);
        AssertEqual("tokenizer-bert-base-chinese.json", tokenizer);
    }

    private static void AssertEqual(string golden, ChineseClipTokenizer tokenizer)
    {
        var rows = TokenizerGolden.Read(golden);
        Assert.Equal(RowCount, rows.Count);
        var isOfa = tokenizer.Reference == TokenizerReference.OfaSys;
        foreach (var row in rows)
        {
            var tokens = tokenizer.Tokenize(row.Text);
            Assert.Equal(isOfa ? row.OfaTokens : row.HfTokens, tokens);
            Assert.Equal(isOfa ? row.OfaIds : row.HfIds, tokenizer.ConvertToIds(tokens));
            Assert.Equal(isOfa ? row.OfaInput : row.HfInput, tokenizer.Encode(row.Text));
        }
    }
}
