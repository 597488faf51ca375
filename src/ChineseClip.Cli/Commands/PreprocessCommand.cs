using System.CommandLine;
using ChineseClip.Cli.Inputs;
using ChineseClip.Cli.Output;
using ChineseClip.Cli.Running;
using ChineseClip.Model;

namespace ChineseClip.Cli.Commands;

/// <summary><c>preprocess</c>: a model's pixel values as .npy files.</summary>
internal sealed class PreprocessCommand : CliCommand
{
    private readonly Option<string> _model = SharedOptions.Model();
    private readonly Option<string[]> _images = SharedOptions.Images(required: true);
    private readonly Option<string?> _reference = SharedOptions.Reference();
    private readonly Option<bool> _json = SharedOptions.Json();

    private readonly Option<string> _out = new("--out")
    {
        Description = "Where the files go, one for each picture, named as the picture with .npy added.",
        HelpName = "DIR",
        DefaultValueFactory = _ => ".",
    };

    public PreprocessCommand(CliStreams streams)
        : base("preprocess", "Write the pixel values a model sees (float32, channels first).", streams)
    {
        Add(_model);
        Add(_images);
        Add(_out);
        Add(_reference);
        Add(_json);
    }

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        string[] paths = parsed.GetRequiredValue(_images);
        RefuseSameNames(paths);
        ImageProcessor processor = ModelPackage.Open(ModelSource.Find(parsed.GetRequiredValue(_model))).ImageProcessor;
        string directory = parsed.GetRequiredValue(_out);
        Directory.CreateDirectory(directory);
        List<object> written = [];
        foreach (string path in paths)
        {
            RgbImage resized = SharedOptions.ReferenceOf(parsed.GetValue(_reference)) == TokenizerReference.OfaSys
                ? processor.Resize(await PictureFile.DecodeSourceAsync(path, cancellationToken))
                : processor.Resize(await PictureFile.DecodeAsync(path, cancellationToken));
            float[] pixels = new float[3 * resized.Width * resized.Height];
            processor.Normalize(resized, pixels);
            string file = Path.Combine(directory, Path.GetFileName(path) + ".npy");
            Npy.Write(file, pixels, [3, resized.Height, resized.Width]);
            written.Add(new { Image = path, File = file, Shape = new[] { 3, resized.Height, resized.Width } });
            if (!parsed.GetValue(_json))
            {
                await Streams.Output.WriteLineAsync(file);
            }
        }

        if (parsed.GetValue(_json))
        {
            await Streams.Output.WriteLineAsync(JsonText.Of(new { Files = written }));
        }
    }

    private static void RefuseSameNames(string[] paths)
    {
        if (paths.GroupBy(path => Path.GetFileName(path)).FirstOrDefault(group => group.Count() > 1) is { } same)
        {
            throw new CommandFailedException($"'{string.Join("' and '", same)}' would both be written to {same.Key}.npy.");
        }
    }
}
