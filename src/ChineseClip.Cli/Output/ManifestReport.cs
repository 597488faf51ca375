using System.Globalization;
using ChineseClip.Cli.Running;
using ChineseClip.Model;
using Spectre.Console;

namespace ChineseClip.Cli.Output;

/// <summary>Shows what a model package is.</summary>
internal static class ManifestReport
{
    public static async Task WriteAsync(CliStreams streams, ModelManifest manifest, string directory, bool asJson)
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
        table.Row("precision", manifest.Precision.ToString());
        table.Row("image size", $"{manifest.ImageSize} x {manifest.ImageSize}");
        table.Row("text length", $"{manifest.MaxTextLength} tokens");
        table.Row("logit scale", manifest.LogitScale.ToString(CultureInfo.InvariantCulture));
        table.Row("source", manifest.Source);
        table.Row("source sha256", manifest.SourceSha256);
        table.Row("sha256", manifest.Sha256);
        Report.Write(streams, table);
    }
}
