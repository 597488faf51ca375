using System.Globalization;
using ChineseClip.Model;
using ChineseClip.Testing;

namespace ChineseClip.Benchmarks.Model;

/// <summary>Everything the measurements read: checkpoint, packages, exported graphs, pictures. What is there is kept.</summary>
internal sealed class BenchmarkFiles(string directory, string python)
{
    /// <summary>Pictures by name, width and height.</summary>
    public static readonly (string Name, int Width, int Height)[] Pictures =
        [("1 MP", 1152, 864), ("4 MP", 2304, 1728), ("12 MP", 4000, 3000)];

    private const int JpegQuality = 87;

    public string Checkpoint => Path.Combine(directory, "vit-b-16");

    public string Exported => Path.Combine(directory, "exported");

    public string Package(ModelPrecision precision) => Path.Combine(directory, TowerBenchmark.Name(precision));

    public string Picture(string name) => Path.Combine(directory, $"picture-{name.Replace(' ', '-')}.jpg");

    public string Write(string name, ReadOnlySpan<byte> bytes)
    {
        string path = Path.Combine(directory, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public void MakeCheckpoint()
    {
        if (!File.Exists(Path.Combine(Checkpoint, "model.safetensors")))
        {
            GeneratedCheckpoint.Write(Checkpoint, GeneratedCheckpoint.VitB16, "vitb16", 4.6051702f);
        }
    }

    public void MakeExported()
    {
        if (!File.Exists(Path.Combine(Exported, "text.onnx")))
        {
            Directory.CreateDirectory(Exported);
            PeerProcess.Run(python, "torch_towers.py", ["export", Checkpoint, Exported, "52"]);
        }
    }

    public void MakePictures()
    {
        int seed = 1;
        foreach ((string name, int width, int height) in Pictures)
        {
            if (!File.Exists(Picture(name)))
            {
                string[] numbers = [.. new[] { width, height, JpegQuality, seed }.Select(n => n.ToString(CultureInfo.InvariantCulture))];
                PeerProcess.Run(python, "pillow_pictures.py", ["make", Picture(name), .. numbers]);
            }

            seed++;
        }
    }
}
