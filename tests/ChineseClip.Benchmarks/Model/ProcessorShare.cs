using System.Globalization;

namespace ChineseClip.Benchmarks.Model;

/// <summary>How much of the machine others used while we measured, from /proc/stat.</summary>
internal sealed class ProcessorShare
{
    private const double TicksPerSecond = 100;
    private readonly (double Busy, double Total) _start = Read();

    /// <param name="ownSeconds">Processor time of ours and of the peers in between.</param>
    public double Others(double ownSeconds)
    {
        (double busy, double total) = Read();
        double all = total - _start.Total;
        return all <= 0 ? 0 : Math.Max(0, busy - _start.Busy - ownSeconds) / all;
    }

    private static (double Busy, double Total) Read()
    {
        if (!File.Exists("/proc/stat"))
        {
            return default;
        }

        double[] fields = [.. File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Skip(1).Take(8).Select(field => double.Parse(field, CultureInfo.InvariantCulture) / TicksPerSecond)];
        double idle = fields[3] + fields[4];
        return (fields.Sum() - idle, fields.Sum());
    }
}
