namespace ChineseClip.Model;

/// <summary>What a model package says about itself (<c>manifest.json</c>).</summary>
public sealed record ModelManifest
{
    /// <summary>The format this version writes and reads.</summary>
    public const int CurrentFormatVersion = 1;

    public required int FormatVersion { get; init; }

    /// <summary>The checkpoint's name: its folder, or its file where that is what was converted.</summary>
    public required string Name { get; init; }

    /// <summary>Both towers in the usual words, such as <c>ViT-B/16 + BERT-12x768</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>Length of an embedding.</summary>
    public required int Dimension { get; init; }

    public required ModelPrecision Precision { get; init; }

    /// <summary>Width and height of the vision tower's pictures, in pixels.</summary>
    public required int ImageSize { get; init; }

    /// <summary>Tokens a text may have, [CLS] and [SEP] included; longer ones are cut.</summary>
    public required int MaxTextLength { get; init; }

    /// <summary>What cosines are multiplied by before the softmax: exp of the checkpoint's <c>logit_scale</c>.</summary>
    public required float LogitScale { get; init; }

    /// <summary>File names of the checkpoint that was converted.</summary>
    public required string Source { get; init; }

    /// <summary>SHA-256 of those files, one after the other.</summary>
    public required string SourceSha256 { get; init; }

    /// <summary>The model's identity: equal exactly when settings and files are equal, wherever they lie.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Every file of the package but the manifest, by name.</summary>
    public required IReadOnlyList<PackageFile> Files { get; init; }

    public required ChineseClipConfig Config { get; init; }
}
