using System.Diagnostics;
using System.Globalization;

namespace ChineseClip.Benchmarks.Model;

/// <summary>A driver that answers each line of requests with one line of numbers.</summary>
internal sealed class PeerProcess : IDisposable
{
    private readonly Process _process;
    private readonly string _name;

    private PeerProcess(Process process, string name)
    {
        _process = process;
        _name = name;
        Greeting = ReadLine();
    }

    /// <summary>What the driver says about itself when it is ready.</summary>
    public string Greeting { get; }

    public static PeerProcess Start(string python, string script, IEnumerable<string> arguments, int threads)
    {
        ProcessStartInfo start = StartOf(python, script, arguments);
        start.RedirectStandardInput = true;
        string count = threads.ToString(CultureInfo.InvariantCulture);
        start.Environment["OMP_NUM_THREADS"] = count;
        start.Environment["OPENBLAS_NUM_THREADS"] = count;

        // Threads that wait by turning round would take the processors from those of the other library.
        start.Environment["OMP_WAIT_POLICY"] = "PASSIVE";

        // OpenBLAS takes an unknown new processor for an old one; this kernel is the fastest it has for AVX-512.
        start.Environment["OPENBLAS_CORETYPE"] = "SkylakeX";
        return new PeerProcess(Process.Start(start)!, Path.GetFileName(script));
    }

    /// <summary>Runs a driver to its end.</summary>
    public static void Run(string python, string script, IEnumerable<string> arguments)
    {
        ProcessStartInfo start = StartOf(python, script, arguments);
        start.RedirectStandardError = true;
        using Process process = Process.Start(start)!;
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{script} ended with {process.ExitCode}: {errors}");
        }
    }

    public double[] Ask(string request)
    {
        _process.StandardInput.WriteLine(request);
        _process.StandardInput.Flush();
        return [.. ReadLine().Split(' ').Select(number => double.Parse(number, CultureInfo.InvariantCulture))];
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static ProcessStartInfo StartOf(string python, string script, IEnumerable<string> arguments) =>
        new(python, [Path.Combine(AppContext.BaseDirectory, "peers", script), .. arguments]) { RedirectStandardOutput = true };

    private string ReadLine() => _process.StandardOutput.ReadLine()
        ?? throw new InvalidOperationException($"{_name} ended early.");
}
