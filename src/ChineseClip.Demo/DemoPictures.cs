using ChineseClip.Demo.Drawing;
using ChineseClip.Demo.Facts;

namespace ChineseClip.Demo;

/// <summary>The pictures that the demo shows and searches, and their files.</summary>
public static class DemoPictures
{
    /// <summary>The first pictures of a seed that nothing was trained on.</summary>
    public static IReadOnlyList<DemoPicture> Gallery(int count, ulong seed = DemoSeeds.Gallery)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return [.. new PictureFactsSource(seed, PictureSplit.HeldOut).Take(count).Select(facts => new DemoPicture(facts))];
    }

    /// <summary>Draws pictures into a directory, under their file names.</summary>
    public static void WriteFiles(
        string directory, IEnumerable<DemoPicture> pictures, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        Directory.CreateDirectory(directory);
        using var illustrator = new Illustrator();
        foreach (var picture in pictures)
        {
            cancellationToken.ThrowIfCancellationRequested();
            File.WriteAllBytes(Path.Combine(directory, picture.FileName), illustrator.DrawFile(picture.Facts));
        }
    }
}
