using System.Globalization;

namespace ChineseClip.Benchmarks.Index;

/// <summary>hnswlib (Debian's libhnswlib-dev) through a small driver of ours, compiled for this machine at run time.</summary>
internal static class HnswlibPeer
{
    private const string Header = "/usr/include/hnswlib/hnswlib.h";

    public static EngineResult? TryMeasure(IndexBenchmarkOptions options, string directory)
    {
        if (!File.Exists(Header))
        {
            Console.Error.WriteLine($"hnswlib is left out: {Header} is absent (apt-get install libhnswlib-dev g++).");
            return null;
        }
        string driver = Path.Combine(directory, "hnswlib_bench");    // made anew each time, for the machine at hand
        string source = Path.Combine(AppContext.BaseDirectory, "peers", "hnswlib_bench.cpp");
        IndexReport.Run("g++", $"-O3 -march=native -std=c++17 -o {driver} {source}");
        string output = IndexReport.Run(driver, string.Create(
            CultureInfo.InvariantCulture,
            $"{directory} {options.M} {options.EfConstruction} {options.K} {options.Repeats} {string.Join(' ', options.Ef)}"));
        return Parse(output);
    }

    private static EngineResult Parse(string output)
    {
        double build = 0;
        long bytes = 0;
        Dictionary<string, List<CurvePoint>> curves = [];
        foreach (string line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] fields = line.Split(' ');
            double[] numbers = Array.ConvertAll(fields[1..], field => double.Parse(field, CultureInfo.InvariantCulture));
            if (fields[0] == "build")
            {
                (build, bytes) = (numbers[0], (long)numbers[1]);
                continue;
            }
            if (!curves.TryGetValue(fields[0], out List<CurvePoint>? curve))
            {
                curves[fields[0]] = curve = [];
            }
            curve.Add(new CurvePoint((int)numbers[0], numbers[1], numbers[2], numbers[3]));
        }
        return new EngineResult("hnswlib", build, 0, bytes, curves.ToDictionary(pair => pair.Key, pair => pair.Value.ToArray()));
    }
}
