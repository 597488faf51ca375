using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace ChineseClip.Model.Tests.Fuzzing;

/// <summary>
/// No input makes a reader crash, hang, take memory out of proportion or fail in a way that the library does not document.
/// A few seconds by default; <c>./test.sh --fuzz MINUTES</c> goes on for so many minutes of CPU time.
/// </summary>
public sealed class FuzzTests
{
    private const int QuickInputs = 400;
    private const int QuickSeed = 3;
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(2);

    public static TheoryData<string> Names => [.. FuzzTargets.All.Select(t => t.Name)];

    private static string Corpus => Path.Combine(AppContext.BaseDirectory, "Fuzzing", "Corpus");

    private static string Results => Environment.GetEnvironmentVariable("CHINESECLIP_FUZZ_RESULTS") ?? Path.Combine(Path.GetTempPath(), "chineseclip-fuzz");

    [Theory]
    [MemberData(nameof(Names))]
    public void DamagedInputsAreReadOrRefused(string name)
    {
        using FuzzRun run = Start(name, QuickSeed);
        run.Seeds();
        while (run.Count < QuickInputs)
        {
            run.Step();
        }

        Assert.Empty(run.Findings);
        Assert.True(run.AnswerCount > 1 || name == "text", $"{name}: every input got the same answer");
    }

    /// <summary>Inputs that once got an answer of their own, or went wrong.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void CorpusIsReadOrRefused(string name)
    {
        using FuzzRun run = Start(name, QuickSeed);
        string folder = Path.Combine(Corpus, name);
        foreach (string file in Directory.Exists(folder) ? Directory.GetFiles(folder) : [])
        {
            run.Try(File.ReadAllBytes(file));
        }

        Assert.Empty(run.Findings);
        Assert.True(run.Count > 0, $"{folder} holds no input");
    }

    [Fact]
    public void LongRun()
    {
        string? minutes = Environment.GetEnvironmentVariable("CHINESECLIP_FUZZ_MINUTES");
        Assert.SkipWhen(string.IsNullOrEmpty(minutes), "A long run is asked for by ./test.sh --fuzz MINUTES.");
        var budget = TimeSpan.FromMinutes(double.Parse(minutes!, CultureInfo.InvariantCulture));
        int seed = int.TryParse(Environment.GetEnvironmentVariable("CHINESECLIP_FUZZ_SEED"), out int given) ? given : Environment.TickCount;
        Report($"fuzzing {budget.TotalMinutes:0.#} CPU-minutes with seed {seed}");
        FuzzRun[] runs = [.. FuzzTargets.All.Select((t, i) => Start(t.Name, unchecked(seed + i)))];
        Array.ForEach(runs, run => run.Seeds());
        TimeSpan start = Environment.CpuUsage.TotalTime;
        while (Used() < budget)
        {
            foreach (FuzzRun run in runs)
            {
                TimeSpan turnStart = Used();
                while (Used() - turnStart < Turn)
                {
                    for (int i = 0; i < 16; i++)
                    {
                        run.Step();
                    }
                }
            }
        }

        var summary = new StringBuilder();
        summary.Append(CultureInfo.InvariantCulture, $"fuzz: seed {seed}, {Used().TotalMinutes:0.0} CPU-minutes, {runs.Sum(r => r.Count)} inputs, {runs.Sum(r => r.Findings.Count)} failures, peak working set {FuzzGuard.PeakWorkingSetBytes >> 20} MiB");
        foreach ((FuzzTarget target, FuzzRun run) in FuzzTargets.All.Zip(runs))
        {
            summary.Append(CultureInfo.InvariantCulture, $"\n  {target.Name}: {run.Count} inputs, {run.AnswerCount} kinds of answer, {run.Findings.Count} failures");
        }

        Report(summary.ToString());
        string[] findings = [.. runs.SelectMany(r => r.Findings)];
        Array.ForEach(findings, Report);
        Array.ForEach(runs, run => run.Dispose());
        Assert.Empty(findings);

        TimeSpan Used() => Environment.CpuUsage.TotalTime - start;
    }

    private static FuzzRun Start(string name, int seed) => new(FuzzTargets.All.Single(t => t.Name == name), seed)
    {
        CorpusDirectory = Environment.GetEnvironmentVariable("CHINESECLIP_FUZZ_CORPUS"),
        FindingDirectory = Results,
    };

    /// <summary>The runner shows no output of a test that passes; what a long run did is written to a file.</summary>
    private static void Report(string line)
    {
        Directory.CreateDirectory(Results);
        File.AppendAllText(Path.Combine(Results, "report.txt"), line + "\n");
        Debug.WriteLine(line);
    }
}
