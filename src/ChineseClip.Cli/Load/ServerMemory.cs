using System.Globalization;

namespace ChineseClip.Cli.Load;

/// <summary>The server's working set, as its <c>/metrics</c> tells it.</summary>
internal sealed class ServerMemory(Uri server) : IDisposable
{
    private const string Metric = "dotnet_process_memory_working_set_bytes";
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private readonly HttpClient _http = new() { BaseAddress = new Uri(server.AbsoluteUri.TrimEnd('/') + "/"), Timeout = TimeSpan.FromSeconds(10) };

    /// <summary>Bytes now; 0 when the server does not say.</summary>
    public async Task<long> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            string text = await _http.GetStringAsync(new Uri("metrics", UriKind.Relative), cancellationToken);
            string? line = text.Split('\n').FirstOrDefault(line => line.StartsWith(Metric, StringComparison.Ordinal));
            return line is not null && double.TryParse(
                line.Split(' ')[1], NumberStyles.Float, CultureInfo.InvariantCulture, out double bytes) ? (long)bytes : 0;
        }
        catch (Exception exception) when (exception is HttpRequestException || !cancellationToken.IsCancellationRequested)
        {
            return 0;
        }
    }

    /// <summary>Reads until it is cancelled, and gives the largest.</summary>
    public async Task<long> WatchAsync(CancellationToken cancellationToken)
    {
        long largest = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            largest = Math.Max(largest, await ReadAsync(CancellationToken.None));
            await Task.Delay(Interval, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return largest;
    }

    public void Dispose() => _http.Dispose();
}
