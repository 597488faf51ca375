using System.Text.Json;
using ChineseClip.Cli.Output;

namespace ChineseClip.Cli.DemoRun;

/// <summary>What an earlier demo left indexed in the data directory; written when it is complete.</summary>
internal sealed record DemoState(int Images, ulong Seed, string ModelSha256, double IndexSeconds)
{
    /// <summary>Null where there is none, or none that can be read: then everything is done anew.</summary>
    public static DemoState? Read(string path)
    {
        try
        {
            return File.Exists(path) ? JsonText.Parse<DemoState>(File.ReadAllText(path)) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public void Write(string path) => File.WriteAllText(path, JsonText.Of(this));
}
