using System.Diagnostics;
using System.Globalization;

namespace ChineseClip.Benchmarks.Index;

/// <summary>Another library, driven by a small program of ours in a process of its own, bound to the core of the calling thread.</summary>
/// <remarks>
/// Protocol: the driver is started with DIR M EF_CONSTRUCTION K, reads DIR/{base,picture,text}.fvecs and DIR/{picture,text}.ivecs, builds
/// on one thread and prints "built CPU_SECONDS WALL_SECONDS BYTES". Then for each line "KIND EF" on its input it answers all queries of
/// that kind once and prints "CPU_SECONDS WALL_SECONDS RECALL". It ends with its input.
/// </remarks>
internal sealed class PeerEngine : IEngine
{
    private readonly Process _process;
    private readonly BenchmarkData _data;

    public PeerEngine(string name, IndexBenchmarkOptions options, BenchmarkData data, string program, params string[] arguments)
    {
        _data = data;
        string[] parameters = [data.Directory, Text(options.M), Text(options.EfConstruction), Text(options.K)];
        _process = Process.Start(new ProcessStartInfo(program, [.. arguments, .. parameters])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        try
        {
            string[] built = ReadLine().Split(' ');
            Name = name;
            Build = new Duration(Number(built[1]), Number(built[2]));
            Bytes = (long)Number(built[3]);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public string Name { get; }

    public Duration Build { get; }

    public double LearnSeconds => 0;

    public long Bytes { get; }

    /// <summary>What the driver used so far.</summary>
    public double CpuSeconds => _process.TotalProcessorTime.TotalSeconds;

    public CurvePoint Search(string kind, int ef)
    {
        _process.StandardInput.WriteLine($"{kind} {Text(ef)}");
        _process.StandardInput.Flush();
        double[] answer = Array.ConvertAll(ReadLine().Split(' '), Number);
        int count = _data.Sets[kind].Vectors.Count;
        return new CurvePoint(ef, answer[2], count / answer[0], count / answer[1], ScoredPerQuery: null);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }
        _process.Dispose();
    }

    private string ReadLine() => _process.StandardOutput.ReadLine()
        ?? throw new InvalidOperationException($"{_process.StartInfo.FileName} {string.Join(' ', _process.StartInfo.ArgumentList)} ended early.");

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
