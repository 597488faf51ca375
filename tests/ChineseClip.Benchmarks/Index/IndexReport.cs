using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace ChineseClip.Benchmarks.Index;

/// <summary>One point of a curve.</summary>
internal sealed record CurvePoint(int Ef, double Recall, double QpsCpu, double ScoredPerQuery);

/// <summary>One engine: how long it built, what it weighs, and a curve for each kind of query.</summary>
internal sealed record EngineResult(
    string Engine, double BuildCpuSeconds, double LearnCpuSeconds, long Bytes, Dictionary<string, CurvePoint[]> Curves)
{
    /// <summary>Queries a CPU-second at a recall, between the points of the curve by the logarithm; null when not reached.</summary>
    public double? QpsAt(string kind, double recall)
    {
        double? best = null;
        CurvePoint[] curve = Curves[kind];
        for (int i = 0; i < curve.Length; i++)
        {
            if (curve[i].Recall < recall)
            {
                continue;
            }
            CurvePoint above = curve[i];
            CurvePoint below = i > 0 ? curve[i - 1] : above;
            double share = above.Recall > below.Recall ? (recall - below.Recall) / (above.Recall - below.Recall) : 1;
            double qps = Math.Exp(((1 - share) * Math.Log(below.QpsCpu)) + (share * Math.Log(above.QpsCpu)));
            best = Math.Max(best ?? 0, qps);
            break;
        }
        return best;
    }
}

/// <summary>What the JSON file under docs/benchmarks says.</summary>
internal sealed record IndexReport(
    string Command, string Commit, DateTimeOffset MeasuredAt, string Machine, int Cores, string LoadAverage,
    IndexBenchmarkOptions Options, List<EngineResult> Engines, Dictionary<string, double> Ratios)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };
    private static readonly double[] ShownRecalls = [0.90, 0.95, 0.99];
    private static readonly (string Kind, double Recall)[] Targets =
        [("picture", 0.95), ("picture", 0.99), ("text", 0.90), ("text", 0.95), ("text", 0.99)];

    public static IndexReport Create(IndexBenchmarkOptions options, List<EngineResult> engines) => new(
        "dotnet run -c Release --project tests/ChineseClip.Benchmarks -- " + string.Join(' ', Environment.GetCommandLineArgs()[1..]),
        CommitOrUnknown(), DateTimeOffset.UtcNow, CpuName(), Environment.ProcessorCount,
        File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Trim() : "unknown", options, engines, RatiosOf(engines));

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    public void Print(TextWriter writer)
    {
        foreach (EngineResult engine in Engines)
        {
            writer.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{engine.Engine}: build {engine.BuildCpuSeconds:0.0} s, learn {engine.LearnCpuSeconds:0.0} s, {engine.Bytes / 1e6:0} MB"));
            foreach (string kind in engine.Curves.Keys)
            {
                writer.WriteLine($"  {kind,-20} " + string.Join(", ", ShownRecalls.Select(recall => string.Create(
                    CultureInfo.InvariantCulture, $"@{recall:0.00} {engine.QpsAt(kind, recall) ?? 0:0}"))) + " queries a CPU-second");
            }
        }
        foreach ((string name, double ratio) in Ratios)
        {
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: {ratio:0.00}"));
        }
    }

    private static Dictionary<string, double> RatiosOf(List<EngineResult> engines)
    {
        Dictionary<string, double> ratios = [];
        foreach (EngineResult peer in engines.Skip(1))
        {
            foreach ((string kind, double recall) in Targets)
            {
                foreach (string ourKind in engines[0].Curves.Keys.Where(name => name == kind || name == kind + ", learned"))
                {
                    if (engines[0].QpsAt(ourKind, recall) is { } ours && peer.QpsAt(kind, recall) is { } theirs)
                    {
                        ratios[string.Create(CultureInfo.InvariantCulture, $"{ourKind} @{recall:0.00} vs {peer.Engine}")] = ours / theirs;
                    }
                }
            }
            ratios[$"build time vs {peer.Engine}"] = engines[0].BuildCpuSeconds / peer.BuildCpuSeconds;
        }
        return ratios;
    }

    internal static string CpuName() => File.Exists("/proc/cpuinfo")
        ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?
            .Split(':', 2)[1].Trim() ?? "unknown"
        : "unknown";

    internal static string CommitOrUnknown()
    {
        try
        {
            return Run("git", "describe --always --dirty");
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return "unknown";
        }
    }

    internal static string Run(string program, string arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output.Trim()
            : throw new InvalidOperationException($"{program} {arguments} ended with {process.ExitCode}.");
    }
}
