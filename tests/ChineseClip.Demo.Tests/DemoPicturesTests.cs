using ChineseClip.Demo.Facts;

namespace ChineseClip.Demo.Tests;

public sealed class DemoPicturesTests
{
    [Fact]
    public void WriteFiles_FewPictures_WritesOneFileEach()
    {
        var directory = Directory.CreateTempSubdirectory("chineseclip-demo-");
        try
        {
            var pictures = DemoPictures.Gallery(5);
            DemoPictures.WriteFiles(directory.FullName, pictures, TestContext.Current.CancellationToken);
            Assert.Equal(
                ["p00000.jpg", "p00001.jpg", "p00002.jpg", "p00003.jpg", "p00004.jpg"],
                directory.GetFiles().Select(file => file.Name).Order());
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public void Payload_OfTwoGroups_NamesTheFacts()
    {
        var picture = new DemoPicture(new(
            1,
            7,
            Setting.Night,
            [new(ThingKind.Fish, ThingColor.Red, 2, ThingSize.None), new(ThingKind.Cup, ThingColor.Blue, 1, ThingSize.None)],
            Relation.Above));
        var payload = picture.Payload();
        Assert.Equal("夜晚", payload["setting"]!.GetValue<string>());
        Assert.Equal(["鱼", "杯子"], payload["kind"]!.AsArray().Select(kind => kind!.GetValue<string>()));
        Assert.Equal(["红色", "蓝色"], payload["color"]!.AsArray().Select(color => color!.GetValue<string>()));
        Assert.Equal(3, payload["count"]!.GetValue<int>());
        Assert.Equal("上面", payload["relation"]!.GetValue<string>());
        Assert.Equal("p00007.jpg", payload["file"]!.GetValue<string>());
        Assert.Null(payload["size"]);
    }
}
