using System.Diagnostics;
using System.Globalization;
using ChineseClip.Benchmarks.Index;
using ChineseClip.Model;

namespace ChineseClip.Benchmarks.Model;

/// <summary>Conversion and loading, each in a process of its own so that its time and memory are its own.</summary>
internal static class ChildMeasurements
{
    private const double KibibytesPerMebibyte = 1024;

    public static ConversionFigure Convert(string source, string output, ModelPrecision precision)
    {
        string[] answer = Child("convert", source, output, precision.ToString());
        return new ConversionFigure(TowerBenchmark.Name(precision), Number(answer[0]), Number(answer[1]));
    }

    public static LoadFigure Load(string package, ModelPrecision precision, bool packWeights)
    {
        string[] answer = Child("load", package, packWeights.ToString());
        return new LoadFigure(TowerBenchmark.Name(precision), packWeights, Number(answer[0]), Number(answer[1]), Number(answer[2]));
    }

    /// <summary>The child's side.</summary>
    public static int Run(ReadOnlySpan<string> args)
    {
        long start = Stopwatch.GetTimestamp();
        switch (args)
        {
            case ["convert", string source, string output, string precision]:
                ModelConverter.Convert(source, output, Enum.Parse<ModelPrecision>(precision));
                Write(Stopwatch.GetElapsedTime(start).TotalSeconds, Memory("VmHWM"));
                return 0;
            case ["load", string package, string packWeights]:
                using (ChineseClipModel model = ChineseClipModel.Load(package, new EncoderRuntimeOptions { PackWeights = bool.Parse(packWeights) }))
                {
                    double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
                    using Process self = Process.GetCurrentProcess();
                    double fromStart = (DateTime.Now - self.StartTime).TotalSeconds;
                    int side = model.Package.Manifest.ImageSize;
                    model.Forward([new RgbImage(side, side, new byte[3 * side * side])], ["一只猫"]);
                    Write(seconds, fromStart, Memory("VmRSS"));
                }

                return 0;
            default:
                return 2;
        }
    }

    private static void Write(params double[] numbers) =>
        Console.WriteLine(string.Join(' ', numbers.Select(n => n.ToString("0.000", CultureInfo.InvariantCulture))));

    private static string[] Child(params string[] args) =>
        IndexReport.Run(Environment.ProcessPath!, string.Join(' ', ["model-child", .. args])).Split(' ');

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static double Memory(string field) => File.Exists("/proc/self/status")
        ? Number(File.ReadLines("/proc/self/status").First(line => line.StartsWith(field, StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) / KibibytesPerMebibyte
        : 0;
}
