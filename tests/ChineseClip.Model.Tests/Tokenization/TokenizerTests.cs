using System.Diagnostics;
using ChineseClip.Model.Tokenization;
using CsCheck;

namespace ChineseClip.Model.Tests.Tokenization;

public class TokenizerTests
{
    private static readonly ChineseClipTokenizer Tokenizer = ChineseClipTokenizer.Load(TokenizerGolden.TinyVocabulary);
    private static readonly ChineseClipTokenizer Ofa = ChineseClipTokenizer.Load(TokenizerGolden.TinyVocabulary, TokenizerReference.OfaSys);

    [Fact]
    public void AnyTextEncodesWithinBounds() => Gen.String[0, 300].Sample(text => new[] { Tokenizer, Ofa }.All(tokenizer =>
    {
        var ids = tokenizer.Encode(text);
        return ids.Length is >= 2 and <= 52 && ids[0] == tokenizer.ClsId && ids[^1] == tokenizer.SepId
            && ids.All(id => id >= 0 && id < tokenizer.VocabularySize);
    }), iter: 2000);

    [Fact]
    public void EncodeIsTokenizeTruncated() => Gen.String[0, 200].Sample(text => new[] { Tokenizer, Ofa }.All(tokenizer =>
        tokenizer.Encode(text).SequenceEqual(
            [tokenizer.ClsId, .. tokenizer.ConvertToIds(tokenizer.Tokenize(text).Take(50)), tokenizer.SepId])), iter: 1000);

    [Fact]
    public void Encode_HostileTexts_TakesLinearTime()
    {
        var clock = Stopwatch.StartNew();
        foreach (var text in new[]
        {
            new string('猫', 10_000), new string('a', 1_000_000), new string('\u0301', 1_000_000), "a" + string.Concat(Enumerable.Repeat("\u0316\u0301", 500_000)),
            string.Concat(Enumerable.Repeat("[CLS", 250_000)), string.Concat(Enumerable.Repeat("Σ'", 500_000)), new string('\ud83d', 100_000), new string('\u302e', 300_000),
        })
        {
            Assert.InRange(Tokenizer.Encode(text).Length, 2, 52);
            Assert.InRange(Ofa.Encode(text).Length, 2, 52);
        }

        // The whole takes well under a second; a quadratic step would take minutes.
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void Decode_Encoded_JoinsPiecesAndSkipsSpecials()
    {
        var ids = Tokenizer.Encode("一 ab , abab!");

        Assert.Equal("一 ab, abab!", Tokenizer.Decode(ids));
        Assert.Equal("[CLS] 一 ab, abab! [SEP]", Tokenizer.Decode(ids, skipSpecialTokens: false));
        Assert.Equal(["一 ab, abab!", ""], Tokenizer.DecodeBatch([ids, []]));
        Assert.Equal("一 ab , abab !", Tokenizer.Decode(ids, cleanUpSpaces: false));
    }

    [Fact]
    public void Decode_IdOutsideVocabulary_NamesElementAndBound() => Assert.Contains(
        "Element 1 is 384; the vocabulary has ids 0 to 383", Assert.Throws<ArgumentOutOfRangeException>(() => Tokenizer.Decode([7, 384])).Message, StringComparison.Ordinal);

    [Fact]
    public void EncodeBatch_Padding_FillsAndMasks()
    {
        var batch = Tokenizer.EncodeBatch(["一", "一 ab"]);

        Assert.Equal((2, 5), (batch.Count, batch.Length));
        Assert.Equal([Tokenizer.ClsId, .. Tokenizer.ConvertToIds(["一"]), Tokenizer.SepId, Tokenizer.PadId, Tokenizer.PadId], batch.Row(0).ToArray());
        Assert.Equal(new[] { 1, 1, 1, 0, 0, 1, 1, 1, 1, 1 }, batch.AttentionMask);
        Assert.All(batch.TokenTypeIds, type => Assert.Equal(0, type));
        Assert.Equal(52, Tokenizer.EncodeBatch(["一"], new() { Padding = TokenPadding.MaxLength }).Length);
        Assert.Equal(4, Tokenizer.EncodeBatch(["一 ab"], new() { MaxLength = 4 }).Length);
        Assert.Equal(102, Tokenizer.EncodeBatch([new string('一', 100)], new() { Truncate = false }).Length);
        Assert.Throws<ArgumentException>(() => Tokenizer.EncodeBatch(["一", "一 ab"], new() { Padding = TokenPadding.None }));
    }

    [Fact]
    public void Load_SwitchesOfTheConfiguration_AreHonoured()
    {
        var options = TokenizerOptions.FromJson(File.ReadAllText(TokenizerGolden.PathOf("tokenizer_config.json")));
        Assert.Equal((52, true, null, true), (options.MaxLength, options.DoLowerCase, options.StripAccents, options.TokenizeChineseChars));

        var cased = ChineseClipTokenizer.Load(TokenizerGolden.TinyVocabulary, TokenizerOptions.FromJson("""{"do_lower_case": false}"""));
        Assert.Equal(["[UNK]"], cased.Tokenize("AB"));
        Assert.Equal(["a", "##b"], Tokenizer.Tokenize("AB"));
        Assert.Equal(["[CLS]"], cased.Tokenize("[C\u200bLS]"));

        var accents = ChineseClipTokenizer.Load(TokenizerGolden.TinyVocabulary, TokenizerOptions.FromJson("""{"strip_accents": false}"""));
        Assert.Equal(["a"], Tokenizer.Tokenize("a\u0301"));
        Assert.Equal(["[UNK]"], accents.Tokenize("a\u0301"));
    }

    [Fact]
    public void Load_VocabularyWithoutSpecialToken_NamesFileAndToken()
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, "[PAD]\r\n[UNK]\r\n[CLS]\r\n\u2028\r\na\r\n");
            Assert.Contains("lacks the special token '[SEP]'", Assert.Throws<InvalidDataException>(() => ChineseClipTokenizer.Load(path)).Message, StringComparison.Ordinal);
            File.AppendAllText(path, "[SEP]\r\n");
            Assert.Equal((6, 5), (ChineseClipTokenizer.Load(path).VocabularySize, ChineseClipTokenizer.Load(path).SepId));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void ComposeEqualsRuntimeNormalization()
    {
        Assert.SkipWhen("é".Normalize(System.Text.NormalizationForm.FormD).Length == 1, "Without ICU there is no normalization to compare with.");
        Gen.OneOf(Gen.Int[0xC0, 0x24F], Gen.Int[0x300, 0x36F], Gen.Int[0x1E00, 0x1FFF], Gen.Int[0xAC00, 0xD7A3], Gen.Int[0x1100, 0x11FF], Gen.Int[0x900, 0xDFF])
            .Array[1, 8].Sample(codePoints =>
            {
                Span<int> memory = stackalloc int[64];
                var composed = new CodePointBuffer(memory);
                TextNormalization.Compose(codePoints, ref composed);
                var expected = string.Concat(codePoints.Select(char.ConvertFromUtf32)).Normalize();
                return string.Concat(composed.Items.ToArray().Select(char.ConvertFromUtf32)) == expected;
            }, iter: 3000);
    }
}
