using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using ChineseClip.Cli.Bench;
using ChineseClip.Cli.Output;
using ChineseClip.Cli.Running;
using ChineseClip.Vectors;
using Spectre.Console;

namespace ChineseClip.Cli.Commands;

/// <summary><c>bench index</c>: recall and speed of the vector index on this machine, without a server.</summary>
internal sealed class BenchIndexCommand : CliCommand
{
    private const int MostThreads = 256;
    private static readonly BenchIndexSettings Defaults = new();

    private readonly Option<string?> _base = File("--base", "Vectors to index, fvecs; without it they are generated");
    private readonly Option<string?> _queries = File("--queries", "Queries, fvecs; goes with --base");
    private readonly Option<string?> _groundTruth = File("--ground-truth", "True neighbours of the queries, ivecs; without it they are found exactly");
    private readonly Option<string?> _trainQueries = File("--train-queries", "Queries to learn from before measuring, fvecs");
    private readonly Option<int> _trainTexts =
        SharedOptions.Number("--train-texts", "Learn from so many generated captions before measuring", Defaults.TrainTexts, (0, 10_000_000));
    private readonly Option<bool> _normalize = new("--normalize") { Description = "Scale the rows of the files to length 1." };
    private readonly Option<int> _n = SharedOptions.Number("--n", "Vectors to generate", Defaults.N, (1, 100_000_000));
    private readonly Option<int> _dim = SharedOptions.Number("--dim", "Their dimension", Defaults.Dim, (1, HnswParameters.MaxDimension));
    private readonly Option<ulong> _seed = new("--seed")
    {
        Description = "Seed of what is generated.",
        HelpName = "S",
        DefaultValueFactory = _ => Defaults.Seed,
    };
    private readonly Option<int> _queryCount =
        SharedOptions.Number("--query-count", "Pictures, and as many texts, to search for in generated vectors", Defaults.QueryCount, (1, 1_000_000));
    private readonly Option<int> _m = SharedOptions.Number("--m", "Edges a new vector gets on each level", Defaults.M, (2, HnswParameters.MaxM));
    private readonly Option<int> _efConstruction =
        SharedOptions.Number("--ef-construction", "Effort of the build", Defaults.EfConstruction, (1, HnswParameters.MaxEf));
    private readonly Option<int[]> _ef = EffortList();
    private readonly Option<int> _k = SharedOptions.Number("-k", "Neighbours wanted", Defaults.K, (1, 1000));
    private readonly Option<string> _quantization = new("--quantization")
    {
        Description = "How vectors are held.",
        DefaultValueFactory = _ => QuantizationName.Of(Defaults.Quantization),
    };
    private readonly Option<int> _threads = SharedOptions.Number("--threads", "Threads that build, learn and search", Defaults.Threads, (1, MostThreads));
    private readonly Option<double?> _filterSelectivity = Share("--filter-selectivity", "Search through a filter that this share of the vectors matches");
    private readonly Option<int> _repeats = SharedOptions.Number("--repeats", "Times each point is measured; the best counts", Defaults.Repeats, (1, 100));
    private readonly Option<bool> _json = SharedOptions.Json();

    public BenchIndexCommand(CliStreams streams)
        : base("index", "Measure recall and queries per second of the vector index, from fvecs files or on generated vectors.", streams)
    {
        _quantization.AcceptOnlyFromAmong(QuantizationName.All);
        Option[] options =
        [
            _base, _queries, _groundTruth, _trainQueries, _normalize, _n, _dim, _seed, _queryCount, _trainTexts, _m, _efConstruction, _ef, _k,
            _quantization, _threads, _filterSelectivity, _repeats, _json,
        ];
        Array.ForEach(options, Add);
        Validators.Add(CheckCombination);
    }

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        BenchIndexSettings settings = Settings(parsed);
        ThrowIfTooFewOrTooMany(settings);
        BenchWorkload workload = BenchWorkload.Create(settings, Streams.Error);
        cancellationToken.ThrowIfCancellationRequested();
        BenchIndexOutcome outcome = new BenchIndexRun(settings, workload, Streams.Error).Run();
        if (parsed.GetValue(_json))
        {
            await Streams.Output.WriteLineAsync(JsonText.Of(outcome));
            return;
        }
        WriteReport(outcome);
    }

    private BenchIndexSettings Settings(ParseResult parsed) => new()
    {
        BaseFile = parsed.GetValue(_base),
        QueriesFile = parsed.GetValue(_queries),
        GroundTruthFile = parsed.GetValue(_groundTruth),
        TrainQueriesFile = parsed.GetValue(_trainQueries),
        TrainTexts = parsed.GetValue(_trainTexts),
        Normalize = parsed.GetValue(_normalize),
        N = parsed.GetValue(_n),
        Dim = parsed.GetValue(_dim),
        Seed = parsed.GetValue(_seed),
        QueryCount = parsed.GetValue(_queryCount),
        M = parsed.GetValue(_m),
        EfConstruction = parsed.GetValue(_efConstruction),
        Ef = parsed.GetRequiredValue(_ef),
        K = parsed.GetValue(_k),
        Quantization = QuantizationName.Parse(parsed.GetRequiredValue(_quantization)),
        Threads = parsed.GetValue(_threads),
        FilterSelectivity = parsed.GetValue(_filterSelectivity),
        Repeats = parsed.GetValue(_repeats),
    };

    private void CheckCombination(CommandResult result)
    {
        bool fromFiles = IsGiven(_base);
        if (fromFiles != IsGiven(_queries))
        {
            result.AddError("--base and --queries go together.");
        }
        if (IsGiven(_groundTruth) && !fromFiles)
        {
            result.AddError("--ground-truth goes with --base and --queries.");
        }
        Option[] generation = [_n, _dim, _seed, _queryCount, _trainTexts];
        if (fromFiles && Array.Find(generation, IsGiven) is { } generated)
        {
            result.AddError($"{generated.Name} is for generated vectors; it does not go with --base.");
        }
        if (IsGiven(_trainQueries) && IsGiven(_trainTexts))
        {
            result.AddError("--train-queries and --train-texts do not go together.");
        }

        bool IsGiven(Option option) => result.GetResult(option) is { Implicit: false };
    }

    private static void ThrowIfTooFewOrTooMany(BenchIndexSettings settings)
    {
        if (settings.BaseFile is not null)
        {
            return;
        }
        if (settings.N < settings.K)
        {
            throw new CommandLineException($"--n is {settings.N}; must be at least -k, {settings.K}.");
        }
        if ((long)settings.N * settings.Dim > Array.MaxLength)
        {
            throw new CommandLineException($"--n times --dim is {(long)settings.N * settings.Dim}; must be at most {Array.MaxLength}.");
        }
    }

    private void WriteReport(BenchIndexOutcome outcome)
    {
        BenchDescription workload = outcome.Workload;
        Streams.Output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{workload.Vectors} × {workload.Dimension}, M {workload.M}, efConstruction {workload.EfConstruction}, {workload.Quantization}, {workload.Threads} threads"));
        Streams.Output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"build {outcome.Build.WallSeconds:0.0} s ({outcome.Build.CpuSeconds:0.0} s CPU), {outcome.Bytes / 1e6:0.0} MB, {workload.BytesPerVector:0} bytes a vector, learning {outcome.LearnSeconds:0.0} s"));
        Table table = Report.Table("queries", "ef", $"recall@{workload.K}", "queries/CPU s", "queries/s");
        string first = outcome.TextCurve is null ? "queries" : "pictures";
        AddRows(table, first + ", before learning", outcome.Learning?.CurveBefore);
        AddRows(table, "texts, before learning", outcome.Learning?.TextCurveBefore);
        AddRows(table, first + ", no filter", outcome.Filter?.CurveUnfiltered);
        AddRows(table, "texts, no filter", outcome.Filter?.TextCurveUnfiltered);
        AddRows(table, first, outcome.Curve);
        AddRows(table, "texts", outcome.TextCurve);
        Report.Write(Streams, table);
        Streams.Output.WriteLine(outcome.Machine);
    }

    private static void AddRows(Table table, string kind, CurvePoint[]? curve)
    {
        foreach (CurvePoint point in curve ?? [])
        {
            table.Row(
                kind, point.Ef.ToString(CultureInfo.InvariantCulture), point.Recall.ToString("0.0000", CultureInfo.InvariantCulture),
                point.QpsCpu.ToString("0", CultureInfo.InvariantCulture), point.QpsWall.ToString("0", CultureInfo.InvariantCulture));
        }
    }

    private static Option<string?> File(string name, string description) => new(name) { Description = description + ".", HelpName = "FILE" };

    private static Option<int[]> EffortList()
    {
        Option<int[]> option = new("--ef")
        {
            Description = $"Sizes of the candidate pool to measure, with commas between; 1..{HnswParameters.MaxEf}.",
            HelpName = "EF,EF,…",
            DefaultValueFactory = _ => BenchIndexSettings.DefaultEf,
        };
        option.CustomParser = result =>
        {
            string value = result.Tokens[0].Value;
            List<int> sizes = [];
            foreach (string part in value.Split(','))
            {
                if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int size) || size is < 1 or > HnswParameters.MaxEf)
                {
                    result.AddError($"--ef is '{value}'; '{part}' must be a whole number, 1..{HnswParameters.MaxEf}.");
                    return [];
                }
                sizes.Add(size);
            }
            return [.. sizes];
        };
        return option;
    }

    private static Option<double?> Share(string name, string description)
    {
        Option<double?> option = new(name) { Description = description + "; above 0, at most 1.", HelpName = "P" };
        option.CustomParser = result =>
        {
            string value = result.Tokens[0].Value;
            if (double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double share) && share is > 0 and <= 1)
            {
                return share;
            }
            result.AddError($"{name} is '{value}'; must be a number above 0, at most 1.");
            return null;
        };
        return option;
    }
}
