namespace ChineseClip.Cli.DemoRun;

/// <summary>What a demo is to show.</summary>
internal sealed record DemoSettings
{
    /// <summary>Pictures to draw and index.</summary>
    public required int Images { get; init; }

    /// <summary>Which pictures: the same seed gives the same ones.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Port on this machine; 0 takes a free one.</summary>
    public required int Port { get; init; }

    /// <summary>Where pictures, the model and the collection are kept.</summary>
    public required string Directory { get; init; }

    /// <summary>Pictures of the held-out evaluation; 0 leaves it out.</summary>
    public required int HeldOutPictures { get; init; }

    public string PictureDirectory => Path.Combine(Directory, "pictures", $"seed-{Seed}");

    public string ModelsDirectory => Path.Combine(Directory, "models");

    public string StorageDirectory => Path.Combine(Directory, "storage");

    public string StateFile => Path.Combine(Directory, "demo.json");
}
