using System.Globalization;
using ChineseClip.Cli.Running;
using ChineseClip.Model;
using Spectre.Console;

namespace ChineseClip.Cli.Output;

/// <summary>Shows what a model package is.</summary>
internal static class ManifestReport
{
    /// <param name="streams">Where to.</param>
    /// <param name="manifest">The package's.</param>
    /// <param name="directory">Where the package lies.</param>
    /// <param name="asJson">Whether as one JSON document.</param>
    /// <param name="check">What has been checked; null says nothing of it.</param>
    public static async Task WriteAsync(CliStreams streams, ModelManifest manifest, string directory, bool asJson, string? check = null)
    {
        if (asJson)
        {
            await streams.Output.WriteLineAsync(JsonText.Of(new
            {
                Directory = Path.GetFullPath(directory),
                manifest.Name,
                manifest.Architecture,
                manifest.Dimension,
                manifest.Precision,
                manifest.ImageSize,
                manifest.MaxTextLength,
                manifest.LogitScale,
                manifest.Source,
                manifest.SourceSha256,
                manifest.Sha256,
                manifest.FormatVersion,
                manifest.Files,
            }));
            return;
        }

        Table table = Report.Table("what", "value");
        table.Row("directory", Path.GetFullPath(directory));
        table.Row("name", manifest.Name);
        table.Row("architecture", manifest.Architecture);
        table.Row("dimension", manifest.Dimension.ToString(CultureInfo.InvariantCulture));
        table.Row("precision", NameOf(manifest.Precision));
        table.Row("image size", $"{manifest.ImageSize} x {manifest.ImageSize}");
        table.Row("text length", $"{manifest.MaxTextLength} tokens");
        table.Row("logit scale", manifest.LogitScale.ToString(CultureInfo.InvariantCulture));
        table.Row("source", manifest.Source);
        table.Row("source sha256", manifest.SourceSha256);
        table.Row("sha256", manifest.Sha256);
        if (check is not null)
        {
            table.Row("checked", check);
        }

        Report.Write(streams, table);
    }

    /// <summary>As <c>--precision</c> takes it.</summary>
    public static string NameOf(ModelPrecision precision) => precision.ToString().ToLowerInvariant();
}
