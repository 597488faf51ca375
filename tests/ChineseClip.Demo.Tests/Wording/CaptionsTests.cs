using ChineseClip.Demo.Facts;
using ChineseClip.Demo.Wording;

namespace ChineseClip.Demo.Tests.Wording;

public sealed class CaptionsTests
{
    private const int MaxCharacters = 48;
    private static readonly PictureFacts[] Pictures = [.. new PictureFactsSource(21, PictureSplit.HeldOut).Take(3_000)];

    [Fact]
    public void Long_ManyPictures_IsTrueAndStatesEverything()
    {
        foreach (var facts in Pictures)
        {
            for (var variant = 0; variant < 4; variant++)
            {
                var caption = Captions.Long(facts, variant);
                Assert.True(caption.IsTrueOf(facts), caption.Text);
                Assert.Equal(facts.Setting, caption.Setting);
                Assert.Equal(facts.Groups.Count, caption.Groups.Count);
                Assert.Equal(facts.Relation is null, caption.Relation is null);
                Assert.All(caption.Groups, group => Assert.True(
                    group is { Kind: not null, Color: not null, Count: not null }, caption.Text));
                Assert.InRange(caption.Text.Length, 6, MaxCharacters);
            }
        }
    }

    [Fact]
    public void Plain_OneGroupAndTwo_ReadsAsPeopleSayIt()
    {
        var lone = new PictureFacts(1, 0, Setting.Night, [new(ThingKind.Fish, ThingColor.Red, 1, ThingSize.Large)], null);
        var pair = new PictureFacts(
            1,
            0,
            Setting.Seaside,
            [new(ThingKind.Butterfly, ThingColor.Red, 2, ThingSize.None), new(ThingKind.Flower, ThingColor.Yellow, 1, ThingSize.None)],
            Relation.Left);

        Assert.Equal("夜晚，一条红色的大鱼", Captions.Plain(lone));
        Assert.Equal("海边，两只红色的蝴蝶在一朵黄色的花的左边", Captions.Plain(pair));
    }

    [Fact]
    public void Short_ManyPictures_IsTrue()
    {
        foreach (var facts in Pictures)
        {
            for (var variant = 0; variant < 4; variant++)
            {
                var caption = Captions.Short(facts, variant);
                Assert.True(caption.IsTrueOf(facts), caption.Text);
                Assert.InRange(caption.Text.Length, 1, MaxCharacters / 2);
            }
        }
    }

    /// <summary>The words, not only the record: whatever facts a text names must be said with words of those facts.</summary>
    [Fact]
    public void EveryStatedFactIsFoundInTheText()
    {
        foreach (var facts in Pictures)
        {
            foreach (var caption in new[] { Captions.Long(facts, 0), Captions.Long(facts, 1), Captions.Short(facts, 0) })
            {
                if (caption.Setting is { } setting)
                {
                    AssertSays(caption.Text, SettingWords.Of(setting));
                }

                if (caption.Relation is { } relation)
                {
                    AssertSays(caption.Text, [.. RelationWords.Of(relation), .. RelationWords.Of(relation.Inverse())]);
                }

                foreach (var group in caption.Groups)
                {
                    if (group.Kind is { } kind)
                    {
                        AssertSays(caption.Text, [.. KindWords.Of(kind).Names, .. KindWords.Of(kind).SmallNames]);
                    }

                    if (group.Color is { } color)
                    {
                        AssertSays(caption.Text, [ColorWords.Of(color).Short, .. ColorWords.Of(color).Names]);
                    }

                    if (group.Count is { } count)
                    {
                        var measures = KindWords.Of(group.Kind!.Value).Measures;
                        AssertSays(caption.Text, [.. measures.Select(m => "零一两三四"[count] + m), .. measures.Select(m => count + m)]);
                    }

                    if (group.Size is { } size)
                    {
                        AssertSays(caption.Text, [size == ThingSize.Large ? "大" : "小"]);
                    }
                }
            }
        }
    }

    [Fact]
    public void Relation_OneSidedPicture_IsToldFromEitherSideRightly()
    {
        var facts = new PictureFacts(
            1,
            0,
            Setting.Meadow,
            [new(ThingKind.Cat, ThingColor.Red, 1, ThingSize.None), new(ThingKind.Tree, ThingColor.Green, 2, ThingSize.None)],
            Relation.Left);
        var told = Enumerable.Range(0, 200).Select(variant => Captions.Long(facts, variant)).ToArray();
        Assert.Contains(told, caption => caption.Groups[0].Kind == ThingKind.Cat && caption.Relation == Relation.Left);
        Assert.Contains(told, caption => caption.Groups[0].Kind == ThingKind.Tree && caption.Relation == Relation.Right);
        Assert.All(told, caption => Assert.Equal(
            caption.Groups[0].Kind == ThingKind.Cat ? Relation.Left : Relation.Right, caption.Relation));
    }

    [Fact]
    public void Long_ManyPictures_NamesTheKindFirstInAThird()
    {
        var kindFirst = Pictures.Count(facts =>
        {
            var caption = Captions.Long(facts, 0);
            var words = KindWords.Of(caption.Groups[0].Kind!.Value);
            return words.Names.Concat(words.SmallNames).Any(name => caption.Text[..Math.Min(6, caption.Text.Length)].StartsWith(name, StringComparison.Ordinal));
        });
        Assert.InRange(kindFirst / (double)Pictures.Length, 0.28, 0.42);
    }

    [Fact]
    public void Negatives_ManyPictures_AreFalseInThatFactAlone()
    {
        foreach (var facts in Pictures)
        {
            foreach (var field in Enum.GetValues<FactField>())
            {
                foreach (var (caption, variant) in Captions.Negatives(facts, field).Select((caption, variant) => (caption, variant)))
                {
                    Assert.False(caption.IsTrueOf(facts), $"{field}: {caption.Text} is true of {Captions.Long(facts, 0).Text}");
                    Assert.True(caption.IsTrueOf(FactAlteration.Alter(facts, field, variant)!), caption.Text);
                }
            }
        }
    }

    [Fact]
    public void Negatives_ManyPictures_MostlyHaveALongAndAShortOne()
    {
        var two = Pictures.Count(facts => Captions.Negatives(facts, FactField.Color).Count == 2);
        Assert.InRange(two / (double)Pictures.Length, 0.95, 1);
    }

    [Fact]
    public void Captions_EqualPicture_AreEqual()
    {
        foreach (var facts in Pictures.Take(100))
        {
            var again = new PictureFactsSource(21, PictureSplit.HeldOut)[facts.Index];
            Assert.Equal(Captions.Long(facts, 2).Text, Captions.Long(again, 2).Text);
            Assert.Equal(Captions.Short(facts, 2).Text, Captions.Short(again, 2).Text);
        }
    }

    [Theory]
    [InlineData(ThingKind.Fish, "条")]
    [InlineData(ThingKind.Flower, "朵")]
    [InlineData(ThingKind.Car, "辆")]
    [InlineData(ThingKind.House, "座")]
    [InlineData(ThingKind.Umbrella, "把")]
    [InlineData(ThingKind.Plane, "架")]
    [InlineData(ThingKind.Book, "本")]
    [InlineData(ThingKind.Tree, "棵")]
    [InlineData(ThingKind.Star, "颗")]
    [InlineData(ThingKind.Boat, "艘")]
    public void Measure_OfKind_IsTheUsualOne(ThingKind kind, string measure) => Assert.Equal(measure, KindWords.Of(kind).Measures[0]);

    [Fact]
    public void Words_OfDifferentFacts_AreNeverTheSame()
    {
        AssertDistinct(Enum.GetValues<ThingKind>().SelectMany(kind => KindWords.Of(kind).Names.Concat(KindWords.Of(kind).SmallNames)));
        AssertDistinct(Enum.GetValues<ThingColor>().SelectMany(color => ColorWords.Of(color).Names));
        AssertDistinct(Enum.GetValues<Setting>().SelectMany(SettingWords.Of));
        AssertDistinct(Enum.GetValues<Relation>().SelectMany(RelationWords.Of));
    }

    [Fact]
    public void Names_OfASizedThing_DoNotContradictTheSize() => Assert.All(Enum.GetValues<ThingKind>(), kind =>
    {
        Assert.All(KindWords.Of(kind).NamesFor(ThingSize.Large), name => Assert.True(name[0] != '小' || name == "小汽车", name));
        Assert.All(KindWords.Of(kind).NamesFor(ThingSize.Small), name => Assert.NotEqual('大', name[0]));
        Assert.NotEmpty(KindWords.Of(kind).NamesFor(ThingSize.Large));
    });

    private static void AssertSays(string text, IReadOnlyList<string> words) =>
        Assert.True(words.Any(word => text.Contains(word, StringComparison.Ordinal)), $"{text} says none of {string.Join("、", words)}");

    private static void AssertDistinct(IEnumerable<string> words) =>
        Assert.Empty(words.GroupBy(word => word).Where(same => same.Count() > 1).Select(same => same.Key));
}
