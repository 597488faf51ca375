using ChineseClip.Cluster.Tests.Processes;
using ChineseClip.Contracts;

namespace ChineseClip.Cluster.Tests.Page;

/// <summary>The page at `/`, used as a person uses it: in a browser, against a real server.</summary>
public sealed class PageTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Page_TextThenPicture_ShowsTheHitsOfTheApi()
    {
        using var data = new TemporaryDirectory();
        await using var server = await ServerProcess.StartAsync(data.Path, "--Images:AllowedPathRoots:0", data.Path);
        await server.Client.CreateCollectionAsync("demo", new CreateCollectionRequest { Model = "demo", Shards = 2 }, Cancelled);
        await server.Client.PutItemsAsync("demo", new PutItemsRequest { Items = DrawnPictures.WriteFiles(data.Path, 60) }, Cancelled);
        var pictureFile = data.Combine("query.jpg");
        await File.WriteAllBytesAsync(pictureFile, DrawnPictures.File(23), Cancelled);

        await using var page = await Chromium.OpenAsync(server.Address);
        await page.WaitForAsync("document.querySelector('#query') !== null");
        await page.EvaluateAsync(
            """
            const box = document.querySelector('#query');
            box.value = '红色的鱼';
            box.dispatchEvent(new Event('input', { bubbles: true }));
            box.form?.requestSubmit();
            """);
        await page.WaitForAsync("document.querySelectorAll('#results .hit').length >= 5");
        var shown = (string?)await page.EvaluateAsync("document.querySelector('#results .hit').dataset.id");
        var expected = await server.Client.SearchAsync("demo", new SearchRequest { Text = "红色的鱼", K = 10 }, Cancelled);
        Assert.Equal(expected.Hits[0].Id, shown);

        await page.SetFilesAsync("#file", pictureFile);
        await page.WaitForAsync($"document.querySelector('#results .hit')?.dataset.id === '{DrawnPictures.Id(23)}'");

        await page.WaitForAsync("[...document.querySelectorAll('#results .hit img')].some(image => image.naturalWidth === 256)");
        Assert.Empty(page.ConsoleErrors);
    }
}
