using System.Text.Json;
using ChineseClip.Client;
using ChineseClip.Contracts;
using ChineseClip.Demo.Drawing;
using ChineseClip.Demo.Facts;

namespace ChineseClip.Cluster.Tests.Processes;

/// <summary>Pictures to index: the demo's own, drawn on the spot, with their number as id.</summary>
internal static class DrawnPictures
{
    private static readonly PictureFactsSource Source = new(DemoSeeds.Gallery, PictureSplit.Training);

    public static IReadOnlyList<PutItem> Draw(int first, int count)
    {
        using var illustrator = new Illustrator();
        return [.. Enumerable.Range(first, count).Select(index => new PutItem
        {
            Id = Id(index),
            Image = ImageSources.FromBytes(illustrator.DrawFile(Source[index])),
        })];
    }

    /// <summary>The first pictures as files that the server reads itself, with the path as payload.</summary>
    public static IReadOnlyList<PutItem> WriteFiles(string directory, int count)
    {
        using var illustrator = new Illustrator();
        return [.. Enumerable.Range(0, count).Select(index =>
        {
            var path = Path.Combine(directory, Id(index) + Illustrator.FileExtension);
            System.IO.File.WriteAllBytes(path, illustrator.DrawFile(Source[index]));
            return new PutItem
            {
                Id = Id(index),
                Image = ImageSources.FromServerPath(path),
                Payload = JsonSerializer.SerializeToElement(new { path }),
            };
        })];
    }

    public static byte[] File(int index)
    {
        using var illustrator = new Illustrator();
        return illustrator.DrawFile(Source[index]);
    }

    public static string Id(int index) => $"picture-{index:D5}";
}
