using System.CommandLine;
using System.Globalization;
using ChineseClip.Cli.Load;
using ChineseClip.Cli.Output;
using ChineseClip.Cli.Running;
using ChineseClip.Contracts;
using Spectre.Console;

namespace ChineseClip.Cli.Commands;

/// <summary><c>bench serve</c>: how a running server fares under an open-loop load, and under too much of it.</summary>
internal sealed class BenchServeCommand : CliCommand
{
    private const string DefaultMix = "vector";

    private readonly Option<Uri> _server = SharedOptions.Server();
    private readonly Option<string> _collection = SharedOptions.Collection();
    private readonly Option<int> _rate = SharedOptions.Number("--rate", "Requests a second; with --overload it is found", 100, (1, 1_000_000));
    private readonly Option<int> _duration = SharedOptions.Number("--duration", "Seconds; of the overload with --overload (also --seconds)", 10, (1, 86_400));
    private readonly Option<int> _connections = SharedOptions.Number("--connections", "Connections at most", 1024, (1, 20_000));
    private readonly Option<int> _timeout = SharedOptions.Number("--timeout", "Milliseconds after which an answer is none", 2000, (10, 600_000));
    private readonly Option<int> _k = SharedOptions.Number("-k", "Hits of a search", 10, (1, 1000));
    private readonly Option<int> _ef = SharedOptions.Number("--ef", "Candidates of a search; 0 leaves it to the server", 0, (0, 4096));
    private readonly Option<int> _seed = SharedOptions.Number("--seed", "Draws arrivals, kinds and vectors", 1, (0, int.MaxValue));
    private readonly Option<LoadMix> _mix = Mix();
    private readonly Option<int> _core = SharedOptions.Number("--core", "The core this process is bound to, on Linux; -1 for none", -1, (-1, 1023));
    private readonly Option<double> _overload = Overload();
    private readonly Option<bool> _json = SharedOptions.Json();

    public BenchServeCommand(CliStreams streams)
        : base("serve", "Send a server requests at a rate, whatever it answers, and report latencies and goodput.", streams)
    {
        _duration.Aliases.Add("--seconds");
        Add(_server);
        Add(_collection);
        Add(_rate);
        Add(_duration);
        Add(_mix);
        Add(_connections);
        Add(_timeout);
        Add(_k);
        Add(_ef);
        Add(_seed);
        Add(_core);
        Add(_overload);
        Add(_json);
    }

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        int core = parsed.GetValue(_core);
        if (core >= 0 && CorePin.Bind(core) is { } fault)
        {
            throw new CommandFailedException(fault);
        }

        Uri address = parsed.GetRequiredValue(_server);
        using ServerConnection server = new(address);
        string collection = parsed.GetRequiredValue(_collection);
        CollectionDescription described = await server.Client.GetCollectionAsync(collection, cancellationToken);
        LoadTarget target = new()
        {
            Server = address,
            Collection = collection,
            Dimension = described.Dimension,
            K = parsed.GetValue(_k),
            Ef = parsed.GetValue(_ef) is var ef and > 0 ? ef : null,
            Timeout = TimeSpan.FromMilliseconds(parsed.GetValue(_timeout)),
            ApiKey = Environment.GetEnvironmentVariable("CHINESECLIP_API_KEY"),
        };
        LoadMix mix = parsed.GetRequiredValue(_mix);
        int seed = parsed.GetValue(_seed);
        OpenLoop loop = new(target, new LoadRequests(target, mix.Kinds, seed), mix, parsed.GetValue(_connections));
        TimeSpan duration = TimeSpan.FromSeconds(parsed.GetValue(_duration));
        if (parsed.GetValue(_overload) is var factor and > 0)
        {
            OverloadSettings settings = new(factor, duration, seed, mix.Text, core >= 0 ? core : null);
            await OverloadAsync(loop, address, settings, parsed.GetValue(_json), cancellationToken);
            return;
        }

        LoadSummary summary = LoadSummary.Of(
            await loop.RunAsync(parsed.GetValue(_rate), duration, seed, cancellationToken), duration);
        if (parsed.GetValue(_json))
        {
            await Streams.Output.WriteLineAsync(JsonText.Of(summary));
            return;
        }

        Table table = Header();
        Write(table, "load", summary);
        Report.Write(Streams, table);
        if (summary.Generator.IsBehind)
        {
            await Streams.Error.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture, $"THE GENERATOR FELL BEHIND: requests went out {summary.Generator.LagP99Ms:0} ms after they were due."));
        }
    }

    private async Task OverloadAsync(
        OpenLoop loop, Uri server, OverloadSettings settings, bool json, CancellationToken cancellationToken)
    {
        using ServerGauges gauges = new(server);
        OverloadReport report = await new OverloadRun(loop, gauges, Streams.Error.WriteLine).RunAsync(settings, cancellationToken);
        if (json)
        {
            await Streams.Output.WriteLineAsync(JsonText.Of(report));
            return;
        }

        Table table = Header();
        Write(table, "before", report.Before);
        Write(table, "overload", report.Overload);
        Write(table, "after", report.After);
        Report.Write(Streams, table);
        await Streams.Output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Factor:0.#} times the peak of {report.PeakPerSecond:0}/s: {report.GoodputShareOfPeak:P1} of the peak answered in time ({report.GoodputShareOfPeakPerServerCpuSecond:P1} for each second of the server's processor time); "
            + $"p99 normal again {Recovery(report)}; server memory {Megabytes(report.MemoryBytesBefore)} before, {Megabytes(report.MemoryBytesLargest)} at most, {Megabytes(report.MemoryBytesAfter)} after; "
            + $"{report.ActiveRequestsAfter} requests left. The server used {report.Overload.ServerCores:0.00} of its {report.ServerProcessors} processors, "
            + $"this generator {report.Overload.Generator.Cores:0.00} ({report.Overload.Generator.CpuMicrosecondsPerRequest:0} us a request). {report.Machine}"));
    }

    private static string Recovery(OverloadReport report) => report.RecoverySeconds is { } seconds
        ? string.Create(CultureInfo.InvariantCulture, $"after {seconds:0} s")
        : "not while watched";

    private static string Megabytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:0} MiB");

    private static Table Header() =>
        Report.Table("", "offered/s", "good/s", "p50 ms", "p90 ms", "p99 ms", "p99.9 ms", "max ms", "answers");

    private static void Write(Table table, string name, LoadSummary summary) => table.Row(
        name,
        Number(summary.OfferedPerSecond),
        Number(summary.GoodputPerSecond),
        Number(summary.LatencyMs.P50),
        Number(summary.LatencyMs.P90),
        Number(summary.LatencyMs.P99),
        Number(summary.LatencyMs.P999),
        Number(summary.LatencyMs.Max),
        string.Join(' ', summary.Statuses.Select(status => $"{status.Key}:{status.Value}")));

    private static string Number(double value) => value.ToString("0.0", CultureInfo.InvariantCulture);

    private static Option<LoadMix> Mix()
    {
        Option<LoadMix> option = new("--mix")
        {
            Description = $"Kinds of requests with their weights, of {LoadMix.AllKinds}; put and delete write items bench-serve-*. Default {DefaultMix}.",
            HelpName = "KIND:N,…",
            DefaultValueFactory = _ => LoadMix.TryParse(DefaultMix)!,
        };
        option.CustomParser = result =>
        {
            string value = result.Tokens[0].Value;
            LoadMix? mix = LoadMix.TryParse(value);
            if (mix is null)
            {
                result.AddError($"--mix is '{value}'; must be kinds ({LoadMix.AllKinds}) with weights such as vector:90,put:10.");
            }

            return mix;
        };
        return option;
    }

    private static Option<double> Overload()
    {
        Option<double> option = new("--overload")
        {
            Description = "Find the peak, then send so many times it for the duration, and report goodput, memory and recovery; 1..100.",
            HelpName = "FACTOR",
        };
        option.CustomParser = result =>
        {
            string value = result.Tokens[0].Value;
            if (double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double factor) && factor is >= 1 and <= 100)
            {
                return factor;
            }

            result.AddError($"--overload is '{value}'; must be a number, 1..100.");
            return 0;
        };
        return option;
    }
}
