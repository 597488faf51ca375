using ChineseClip.Storage.Files;
using CsCheck;

namespace ChineseClip.Storage.Tests;

public sealed class StoredNameTests
{
    [Theory]
    [InlineData("demo/3", "demo@3")]
    [InlineData("../../etc/passwd", "%2E%2E@%2E%2E@etc@passwd")]
    [InlineData("..", "%2E%2E")]
    [InlineData("Demo", "%44emo")]
    [InlineData("鱼", "%E9%B1%BC")]
    [InlineData("a\\b:c", "a%5Cb%3Ac")]
    public void ToFileName_GivesASafeName(string name, string expected) => Assert.Equal(expected, StoredName.ToFileName(name, "name"));

    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    [InlineData("a\nb")]
    public void ToFileName_NotAName_IsRefused(string name) =>
        Assert.Throws<ArgumentException>(() => StoredName.ToFileName(name, "name"));

    [Fact]
    public void ToFileName_HalfASurrogatePair_IsRefused() =>
        Assert.Throws<ArgumentException>(() => StoredName.ToFileName("a" + (char)0xD83D, "name"));

    [Fact]
    public void ToFileName_513Bytes_NamesTheBound()
    {
        ArgumentException refusal = Assert.Throws<ArgumentException>(() => StoredName.ToFileName(new string('x', 513), "name"));
        Assert.Contains("513 UTF-8 bytes; at most 512", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void DifferentNamesNeverShareAFileEvenWhereCaseIsFolded()
    {
        Gen<string> names = Gen.Char["aAbB/.鱼@%~"].Array[1, 60].Select(characters => new string(characters));
        names.Select(names).Sample(
            (left, right) => left == right
                || !string.Equals(StoredName.ToFileName(left, "left"), StoredName.ToFileName(right, "right"), StringComparison.OrdinalIgnoreCase),
            iter: 2000);
        names.Sample(name => StoredName.ToFileName(name, "name").AsSpan().IndexOfAny("./\\") < 0, iter: 2000);
    }

    [Fact]
    public void LongNamesStayApartAndShort()
    {
        string left = StoredName.ToFileName(new string('鱼', 170), "left");
        string right = StoredName.ToFileName(new string('鱼', 169) + "鸟", "right");
        Assert.NotEqual(left, right);
        Assert.InRange(left.Length, 100, 180);
    }
}
