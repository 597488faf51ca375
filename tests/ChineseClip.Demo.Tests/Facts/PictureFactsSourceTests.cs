using ChineseClip.Demo.Facts;
using CsCheck;

namespace ChineseClip.Demo.Tests.Facts;

public sealed class PictureFactsSourceTests
{
    private const int Many = 20_000;

    [Fact]
    public void EqualSeedAndIndexGiveEqualFacts() =>
        Gen.Select(Gen.ULong, Gen.Int[0, 1_000_000]).Sample((seed, index) =>
        {
            var first = new PictureFactsSource(seed, PictureSplit.Training)[index];
            var second = new PictureFactsSource(seed, PictureSplit.Training)[index];
            Assert.Equal(first.Setting, second.Setting);
            Assert.Equal(first.Relation, second.Relation);
            Assert.Equal(first.Groups, second.Groups);
        });

    /// <summary>Pins the sequence: a change here makes every shipped figure and every training export another one.</summary>
    [Fact]
    public void FirstHeldOutPictures_AreThePublishedOnes()
    {
        var source = new PictureFactsSource(DemoSeeds.HeldOut, PictureSplit.HeldOut);
        Assert.Equal(
            ["4 None Yellow Balloon Snow ", "2 None Blue Moon 2 None Yellow Boat Meadow Right", "1 Small Black Butterfly Indoor "],
            source.Take(3).Select(facts => string.Join(' ', facts.Groups.Select(Words).Append($"{facts.Setting} {facts.Relation}"))));

        static string Words(ThingGroup group) => $"{group.Count} {group.Size} {group.Color} {group.Kind}";
    }

    [Fact]
    public void Training_ManyPictures_HasNoUnseenComposition() =>
        Assert.DoesNotContain(
            new PictureFactsSource(DemoSeeds.Training, PictureSplit.Training).Take(Many), facts => facts.HasUnseenComposition);

    [Fact]
    public void WarmUp_ManyPictures_HasOneLargeSeenThing() =>
        Assert.All(new PictureFactsSource(5, PictureSplit.Training, Curriculum.Single).Take(2_000), facts =>
        {
            Assert.False(facts.HasUnseenComposition);
            var group = Assert.Single(facts.Groups);
            Assert.Equal((1, ThingSize.Large), (group.Count, group.Size));
        });

    [Theory]
    [InlineData(10)]
    [InlineData(1_000)]
    public void HeldOut_AnySetOfTens_HasExactlyOneTenthUnseen(int count) =>
        Assert.Equal(
            count / 10,
            new PictureFactsSource(DemoSeeds.HeldOut, PictureSplit.HeldOut).Take(count).Count(facts => facts.HasUnseenComposition));

    [Fact]
    public void Compositions_OfWholeCatalogue_AreUnseenByEightPercent()
    {
        Assert.InRange(Composition.Unseen.Count / (24.0 * 12 * 6), 0.065, 0.095);
        Assert.Equal(24, Composition.Unseen.Select(unseen => unseen.Kind).Distinct().Count());
        Assert.Equal(12, Composition.Unseen.Select(unseen => unseen.Color).Distinct().Count());
    }

    [Fact]
    public void Distribution_ManyPictures_IsAsDocumented()
    {
        PictureFacts[] all = [.. new PictureFactsSource(1, PictureSplit.Training).Take(Many)];
        double Share(Func<PictureFacts, bool> holds) => all.Count(holds) / (double)all.Length;

        Assert.InRange(Share(facts => facts.Groups.Count == 1), 0.63, 0.69);
        Assert.InRange(Share(facts => facts.Groups is [{ Count: 1 }]), 0.30, 0.36);
        Assert.InRange(Share(facts => facts.Groups is [{ Size: ThingSize.Large }]), 0.17, 0.23);
        foreach (var kind in Enum.GetValues<ThingKind>())
        {
            Assert.InRange(Share(facts => facts.Groups.Any(group => group.Kind == kind)), 0.04, 0.07);
        }

        foreach (var relation in Enum.GetValues<Relation>())
        {
            Assert.InRange(Share(facts => facts.Relation == relation), 0.07, 0.10);
        }
    }

    [Fact]
    public void EveryPictureIsWellFormed() =>
        Assert.All(new PictureFactsSource(2, PictureSplit.HeldOut).Take(Many), facts =>
        {
            Assert.InRange(facts.Groups.Count, 1, 2);
            Assert.InRange(facts.Groups.Sum(group => group.Count), 1, 4);
            Assert.Equal(facts.Groups.Count == 2, facts.Relation is not null);
            Assert.Equal(facts.Groups.Count, facts.Groups.Select(group => group.Kind).Distinct().Count());
            Assert.All(facts.Groups, group => Assert.Equal(
                facts.Groups.Count == 1 && group.Count == 1, group.Size != ThingSize.None));
        });

    [Fact]
    public void Seeds_AreDistinct() =>
        Assert.Equal(3, new[] { DemoSeeds.Training, DemoSeeds.HeldOut, DemoSeeds.Gallery }.Distinct().Count());

    [Fact]
    public void Index_Negative_IsRefused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new PictureFactsSource(1, PictureSplit.Training)[-1]);
}
