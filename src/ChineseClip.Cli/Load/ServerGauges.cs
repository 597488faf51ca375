using System.Globalization;

namespace ChineseClip.Cli.Load;

/// <summary>What a server says of itself at <c>/metrics</c>; zeros where it does not.</summary>
/// <param name="WorkingSetBytes">Its memory.</param>
/// <param name="CpuSeconds">Processor time since its start.</param>
/// <param name="Processors">Those it may use.</param>
/// <param name="ActiveRequests">Requests that it works on.</param>
internal readonly record struct ServerSample(long WorkingSetBytes, double CpuSeconds, int Processors, int ActiveRequests);

/// <summary>Reads a server's <c>/metrics</c>.</summary>
internal sealed class ServerGauges(Uri server) : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private readonly HttpClient _http = new() { BaseAddress = new Uri(server.AbsoluteUri.TrimEnd('/') + "/"), Timeout = TimeSpan.FromSeconds(10) };

    public async Task<ServerSample> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return Parse(await _http.GetStringAsync(new Uri("metrics", UriKind.Relative), cancellationToken));
        }
        catch (Exception exception) when (exception is HttpRequestException || !cancellationToken.IsCancellationRequested)
        {
            return default;
        }
    }

    /// <summary>Reads until it is cancelled, and gives the largest working set.</summary>
    public async Task<long> WatchMemoryAsync(CancellationToken cancellationToken)
    {
        long largest = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            largest = Math.Max(largest, (await ReadAsync(CancellationToken.None)).WorkingSetBytes);
            await Task.Delay(Interval, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return largest;
    }

    public void Dispose() => _http.Dispose();

    internal static ServerSample Parse(string text)
    {
        string[] lines = text.Split('\n');
        return new ServerSample(
            (long)Sum("dotnet_process_memory_working_set_bytes"),
            Sum("dotnet_process_cpu_time_seconds_total"),
            (int)Sum("dotnet_process_cpu_count"),
            (int)Sum("chineseclip_http_active"));

        double Sum(string metric) => lines
            .Where(line => line.StartsWith(metric, StringComparison.Ordinal) && line[metric.Length..] is ['{' or ' ', ..])
            .Sum(line => double.TryParse(
                line[(line.IndexOf(' ', line.LastIndexOf('}') + 1) + 1)..].Split(' ')[0], NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
                ? value
                : 0);
    }
}
