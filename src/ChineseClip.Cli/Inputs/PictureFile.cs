using ChineseClip.Cli.Running;
using ChineseClip.Model;

namespace ChineseClip.Cli.Inputs;

/// <summary>Reads pictures named on the command line.</summary>
internal static class PictureFile
{
    public static async Task<RgbImage> DecodeAsync(string path, CancellationToken cancellationToken)
    {
        RequireFile(path);
        return ImageDecoder.Decode(await File.ReadAllBytesAsync(path, cancellationToken), path);
    }

    /// <summary>With what the file holds besides RGB, for resizing as cn_clip does.</summary>
    public static async Task<SourceImage> DecodeSourceAsync(string path, CancellationToken cancellationToken)
    {
        RequireFile(path);
        return ImageDecoder.DecodeSource(await File.ReadAllBytesAsync(path, cancellationToken), path);
    }

    public static void RequireFile(string path)
    {
        if (!File.Exists(path))
        {
            throw new CommandFailedException(Directory.Exists(path) ? $"'{path}' is a directory, not a file." : $"There is no file '{path}'.");
        }
    }
}
