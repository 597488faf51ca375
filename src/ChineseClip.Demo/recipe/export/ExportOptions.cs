using System.Globalization;
using ChineseClip.Demo.Facts;

namespace ChineseClip.Demo.Export;

/// <summary>The exporter's command line; every option is a name and a value.</summary>
internal sealed record ExportOptions
{
    private const int DefaultSheetCount = 96;

    public string? Out { get; init; }
    public ulong Seed { get; init; } = DemoSeeds.Training;
    public int From { get; init; }

    /// <summary>How many pictures; by default one shard, or as many as a sheet shows well.</summary>
    public int Count
    {
        get => field > 0 ? field : Sheet is null ? Shard : DefaultSheetCount;
        init;
    }

    public int Shard { get; init; } = 4096;
    public int Size { get; init; } = 64;
    public int Threads { get; init; } = 1;
    public Curriculum Curriculum { get; init; }
    public PictureSplit Split { get; init; }

    /// <summary>Write contact sheets with this name instead of shards.</summary>
    public string? Sheet { get; init; }

    public static ExportOptions Parse(string[] arguments)
    {
        var options = new ExportOptions();
        for (var i = 0; i < arguments.Length; i += 2)
        {
            if (i + 1 == arguments.Length)
            {
                throw new ArgumentException($"{arguments[i]} has no value.", nameof(arguments));
            }

            options = options.With(arguments[i], arguments[i + 1]);
        }

        return options.Out is null == options.Sheet is null
            ? throw new ArgumentException("Exactly one of --out DIR and --sheet FILE.png is needed.", nameof(arguments))
            : options;
    }

    private ExportOptions With(string name, string value) => name switch
    {
        "--out" => this with { Out = value },
        "--sheet" => this with { Sheet = value },
        "--seed" => this with { Seed = ulong.Parse(value, CultureInfo.InvariantCulture) },
        "--from" => this with { From = Number(name, value, 0) },
        "--count" => this with { Count = Number(name, value, 1) },
        "--shard" => this with { Shard = Number(name, value, 1) },
        "--size" => this with { Size = Number(name, value, 1) },
        "--threads" => this with { Threads = Number(name, value, 1) },
        "--curriculum" => this with { Curriculum = Enum.Parse<Curriculum>(value, ignoreCase: true) },
        "--split" => this with
        {
            Split = value switch
            {
                "train" => PictureSplit.Training,
                "heldout" => PictureSplit.HeldOut,
                _ => throw new ArgumentException($"--split is {value}; must be train or heldout.", nameof(value)),
            },
        },
        _ => throw new ArgumentException($"{name} is not an option.", nameof(name)),
    };

    private static int Number(string name, string value, int least)
    {
        var number = int.Parse(value, CultureInfo.InvariantCulture);
        return number >= least ? number : throw new ArgumentException($"{name} is {value}; must be at least {least}.", name);
    }
}
