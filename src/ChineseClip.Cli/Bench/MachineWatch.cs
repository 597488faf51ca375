using System.Diagnostics;
using System.Globalization;

namespace ChineseClip.Cli.Bench;

/// <summary>What else the machine did during a measurement.</summary>
/// <param name="Processor">Its name.</param>
/// <param name="Cores">Processors that this process may use.</param>
/// <param name="LoadAverage">Of the last minute, at the end.</param>
/// <param name="OthersCores">Processors that other processes kept busy, on average.</param>
/// <param name="StolenShare">Share of the processors' time that the host of a virtual machine gave to others.</param>
internal sealed record MachineLoad(string Processor, int Cores, string LoadAverage, double OthersCores, double StolenShare)
{
    private const double BusyCores = 0.15;
    private const double BusyShare = 0.02;

    /// <summary>Whether figures taken meanwhile deserve doubt.</summary>
    public bool WasBusy => OthersCores > BusyCores || StolenShare > BusyShare;

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Processor}, {Cores} cores; others used {OthersCores:0.00} cores, {StolenShare:0.0%} stolen, load {LoadAverage}")
        + (WasBusy ? "; THE MACHINE WAS BUSY: measure again before believing small differences" : "");
}

/// <summary>Compares what the machine did with what this process and its children did, from Linux' /proc; zeros elsewhere.</summary>
internal sealed class MachineWatch
{
    private const double TicksPerSecond = 100;    // USER_HZ, the same on every Linux
    private const int StealField = 7;
    private static readonly int[] BusyFields = [0, 1, 2, 5, 6];    // user, nice, system, interrupts

    private readonly Stopwatch _wall = Stopwatch.StartNew();
    private readonly Func<double> _ownCpuSeconds;
    private readonly long[] _ticks = ReadTicks();
    private readonly double _ownAtStart;

    /// <param name="childrenCpuSeconds">CPU time of processes that belong to the measurement, so far; null for none.</param>
    public MachineWatch(Func<double>? childrenCpuSeconds = null)
    {
        _ownCpuSeconds = () => CpuClock.ProcessSeconds + (childrenCpuSeconds?.Invoke() ?? 0);
        _ownAtStart = _ownCpuSeconds();
    }

    public MachineLoad Stop()
    {
        double wall = _wall.Elapsed.TotalSeconds;
        long[] ticks = ReadTicks();
        double busy = BusyFields.Sum(field => ticks[field] - _ticks[field]) / TicksPerSecond;
        double stolen = (ticks[StealField] - _ticks[StealField]) / TicksPerSecond;
        return new MachineLoad(
            ProcessorName(), Environment.ProcessorCount, LoadAverage(),
            Math.Round(Math.Max(0, busy - (_ownCpuSeconds() - _ownAtStart)) / wall, 3),
            Math.Round(stolen / wall / Environment.ProcessorCount, 4));
    }

    private static long[] ReadTicks() => File.Exists("/proc/stat")
        ? [.. File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1)
            .Select(field => long.Parse(field, CultureInfo.InvariantCulture))]
        : new long[10];

    private static string LoadAverage() => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";

    public static string ProcessorName() => File.Exists("/proc/cpuinfo")
        ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?
            .Split(':', 2)[1].Trim() ?? "unknown"
        : "unknown";
}
