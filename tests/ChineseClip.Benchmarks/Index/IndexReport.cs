using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace ChineseClip.Benchmarks.Index;

/// <summary>One engine: how long it built, what it weighs, and a curve for each kind of query.</summary>
internal sealed record EngineResult(
    string Engine, Duration Build, double LearnSeconds, long Bytes, Dictionary<string, CurvePoint[]> Curves)
{
    /// <summary>Queries a CPU-second at a recall, between the points of the curve by the logarithm; null when not reached.</summary>
    public double? QpsAt(string kind, double recall)
    {
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
            return Math.Exp(((1 - share) * Math.Log(below.QpsCpu)) + (share * Math.Log(above.QpsCpu)));
        }
        return null;
    }
}

/// <summary>What the JSON file under docs/benchmarks says. Our engines come first.</summary>
internal sealed record IndexReport(
    string Command, string Commit, DateTimeOffset MeasuredAt, MachineLoad Machine,
    IndexBenchmarkOptions Options, List<EngineResult> Engines, Dictionary<string, double> Ratios)
{
    private const string OurName = "ChineseClip";
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };
    private static readonly double[] ShownRecalls = [0.90, 0.95, 0.99];
    private static readonly (string Kind, double Recall)[] Targets =
        [("picture", 0.95), ("picture", 0.99), ("text", 0.90), ("text", 0.95), ("text", 0.99)];

    public static IndexReport Create(IndexBenchmarkOptions options, List<EngineResult> engines, MachineLoad machine) => new(
        "dotnet run -c Release --project tests/ChineseClip.Benchmarks -- " + string.Join(' ', Environment.GetCommandLineArgs()[1..]),
        CommitOrUnknown(), DateTimeOffset.UtcNow, machine, options with { Data = "" }, engines, RatiosOf(engines));

    public static IndexReport Read(string file) => JsonSerializer.Deserialize<IndexReport>(File.ReadAllText(file), Json)!;

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    public void Print(TextWriter writer)
    {
        foreach (EngineResult engine in Engines)
        {
            writer.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{engine.Engine}: build {engine.Build.CpuSeconds:0.0} s, learning {engine.LearnSeconds:0.0} s, {engine.Bytes / 1e6:0} MB"));
            foreach (string kind in engine.Curves.Keys)
            {
                writer.WriteLine($"  {kind,-10} " + string.Join(", ", ShownRecalls.Select(recall => string.Create(
                    CultureInfo.InvariantCulture, $"@{recall:0.00} {engine.QpsAt(kind, recall) ?? 0:0}"))) + " queries a CPU-second");
            }
        }
        foreach (var pair in Ratios.GroupBy(ratio => ratio.Key[..ratio.Key.LastIndexOf(',')]))
        {
            writer.WriteLine(pair.Key + ":" + string.Join(",", pair.Select(ratio => string.Create(
                CultureInfo.InvariantCulture, $"{ratio.Key[(pair.Key.Length + 1)..]} {ratio.Value:0.00##}"))));
        }
        writer.WriteLine(Machine);
    }

    private static Dictionary<string, double> RatiosOf(List<EngineResult> engines)
    {
        Dictionary<string, double> ratios = [];
        foreach (EngineResult ours in engines.Where(engine => IsOurs(engine)))
        {
            foreach (EngineResult peer in engines.Where(engine => !IsOurs(engine)))
            {
                foreach ((string kind, double recall) in Targets)
                {
                    if (ours.QpsAt(kind, recall) is { } our && peer.QpsAt(kind, recall) is { } their)
                    {
                        ratios[string.Create(CultureInfo.InvariantCulture, $"{ours.Engine} / {peer.Engine}, {kind} @{recall:0.00}")] =
                            Math.Round(our / their, 3);
                    }
                }
                ratios[$"{ours.Engine} / {peer.Engine}, build time"] = Math.Round(ours.Build.CpuSeconds / peer.Build.CpuSeconds, 3);
                ratios[$"{ours.Engine} / {peer.Engine}, bytes"] = Math.Round((double)ours.Bytes / peer.Bytes, 3);
            }
            if (engines.Find(engine => engine.Engine == ours.Engine + ", learned") is { } learned)
            {
                ratios[$"{learned.Engine}, largest loss of picture recall at equal ef"] = Math.Round(
                    ours.Curves["picture"].Join(learned.Curves["picture"], p => p.Ef, p => p.Ef, (a, b) => a.Recall - b.Recall).Max(), 5);
            }
        }
        return ratios;
    }

    private static bool IsOurs(EngineResult engine) => engine.Engine.StartsWith(OurName, StringComparison.Ordinal);

    internal static string CommitOrUnknown()
    {
        try
        {
            return Run("git", "describe --always --dirty");
        }
        catch (Exception exception) when (exception is InvalidOperationException or System.ComponentModel.Win32Exception)
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
