using ChineseClip.Demo.Evaluation;
using ChineseClip.Demo.Facts;

namespace ChineseClip.Demo.Tests.Evaluation;

public sealed class ShortQueriesTests
{
    private static readonly HeldOutSet Set = HeldOutSet.Create();

    [Fact]
    public void For_HeldOutSet_GivesDistinctQueriesThatSomePictureFits()
    {
        Assert.Equal(HeldOutSet.DefaultQueryCount, Set.ShortQueries.Select(query => query.Text).Distinct().Count());
        Assert.All(Set.ShortQueries, query => Assert.Contains(Set.Pictures, query.Fits));
    }

    [Fact]
    public void For_HeldOutSet_AsksForColorInAboutHalf() =>
        Assert.InRange(Set.ShortQueries.Count(query => query.Groups[0].Color is not null), 85, 125);

    [Fact]
    public void Fits_ColorAndKind_MustHoldOfTheSameGroup()
    {
        var query = new ShortQuery("红色的鱼", null, [new(ThingKind.Fish, ThingColor.Red, null, null)]);
        Assert.True(query.Fits(Picture(Setting.Day, new ThingGroup(ThingKind.Fish, ThingColor.Red, 2, ThingSize.None))));
        Assert.False(query.Fits(Picture(Setting.Day, new ThingGroup(ThingKind.Fish, ThingColor.Blue, 2, ThingSize.None))));
        Assert.False(query.Fits(Picture(
            Setting.Day,
            new(ThingKind.Fish, ThingColor.Blue, 1, ThingSize.None),
            new(ThingKind.Cat, ThingColor.Red, 1, ThingSize.None))));
    }

    [Fact]
    public void Fits_SettingAndKind_NeedsBoth()
    {
        var query = new ShortQuery("夜晚的月亮", Setting.Night, [new(ThingKind.Moon, null, null, null)]);
        var moon = new ThingGroup(ThingKind.Moon, ThingColor.Pink, 1, ThingSize.Large);
        Assert.True(query.Fits(Picture(Setting.Night, moon)));
        Assert.False(query.Fits(Picture(Setting.Snow, moon)));
        Assert.False(query.Fits(Picture(Setting.Night, moon with { Kind = ThingKind.Sun })));
    }

    [Fact]
    public void Fits_Count_IsExact()
    {
        var query = new ShortQuery("三个苹果", null, [new(ThingKind.Apple, null, 3, null)]);
        var apples = new ThingGroup(ThingKind.Apple, ThingColor.Green, 3, ThingSize.None);
        Assert.True(query.Fits(Picture(Setting.Day, apples)));
        Assert.False(query.Fits(Picture(Setting.Day, apples with { Count = 4 })));
    }

    [Fact]
    public void For_TooFewPictures_SaysHowManyItFound()
    {
        var error = Assert.Throws<ArgumentException>(() => ShortQueries.For([Set.Pictures[0]], 500, 1));
        Assert.Contains("500", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void DemoQueries_InTheGallery_AreAllAnswered()
    {
        var gallery = DemoPictures.Gallery(2_000);
        Assert.Equal(8, DemoQueries.All.Count);
        Assert.All(DemoQueries.All, query => Assert.True(gallery.Any(picture => query.Fits(picture.Facts)), query.Text));
    }

    private static PictureFacts Picture(Setting setting, params ThingGroup[] groups) =>
        new(1, 0, setting, groups, groups.Length == 2 ? Relation.Left : null);
}
