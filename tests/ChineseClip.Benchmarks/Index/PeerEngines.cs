using System.ComponentModel;
using System.Diagnostics;

namespace ChineseClip.Benchmarks.Index;

/// <summary>The libraries that ours is compared with; one that is not here is left out, and the reason printed.</summary>
internal static class PeerEngines
{
    private const string UsearchVersion = "2.25.3";

    public static readonly string[] All = ["hnswlib", "usearch", "faiss"];

    /// <summary>Starts a peer and waits until it has built; null when it is not installed.</summary>
    public static PeerEngine? TryStart(string name, IndexBenchmarkOptions options, BenchmarkData data)
    {
        Console.Error.WriteLine($"building with {name}");
        try
        {
            return name switch
            {
                "hnswlib" => StartHnswlib(options, data),
                "usearch" => StartUsearch(options, data),
                "faiss" => StartFaiss(options, data),
                _ => throw new ArgumentException($"--peers has {name}; must be of {string.Join(", ", All)}."),
            };
        }
        catch (Exception exception) when (exception is InvalidOperationException or Win32Exception)
        {
            Console.Error.WriteLine($"{name} is left out: {exception.Message}");
            return null;
        }
    }

    // Debian's libhnswlib-dev, compiled anew for the machine at hand.
    private static PeerEngine StartHnswlib(IndexBenchmarkOptions options, BenchmarkData data)
    {
        string driver = Path.Combine(data.Directory, "hnswlib_bench");
        Run("g++", "-O3", "-march=native", "-std=c++17", "-o", driver, Driver("hnswlib_bench.cpp"));
        return new PeerEngine("hnswlib", options, data, driver);
    }

    private static PeerEngine StartUsearch(IndexBenchmarkOptions options, BenchmarkData data)
    {
        string modules = Path.Combine(data.Directory, "usearch");
        if (!Directory.Exists(Path.Combine(modules, "node_modules", "usearch")))
        {
            Run("npm", "install", "--silent", "--no-save", "--prefix", modules, $"usearch@{UsearchVersion}");
        }
        return new PeerEngine("usearch f32", options, data, "node", Driver("usearch_bench.js"), modules);
    }

    private static PeerEngine StartFaiss(IndexBenchmarkOptions options, BenchmarkData data)
    {
        const string Python = "/usr/bin/python3";    // the one that the package python3-faiss is installed for
        Run(Python, "-c", "import faiss, numpy");
        return new PeerEngine("faiss HNSW flat", options, data, Python, Driver("faiss_bench.py"));
    }

    private static string Driver(string file) => Path.Combine(AppContext.BaseDirectory, "peers", file);

    private static void Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        string error = process.StandardError.ReadToEnd().Trim();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {error.Split('\n')[^1]}");
        }
    }
}
