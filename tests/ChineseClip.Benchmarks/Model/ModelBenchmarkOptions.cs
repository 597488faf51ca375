using System.Globalization;

namespace ChineseClip.Benchmarks.Model;

/// <summary>What `model` measures; every property is an option of the same name in kebab case.</summary>
internal sealed record ModelBenchmarkOptions
{
    /// <summary>Where the checkpoint, packages and pictures are kept for later runs; a temporary directory when empty.</summary>
    public string Data { get; init; } = "";

    /// <summary>A Python that has numpy, PyTorch and Pillow.</summary>
    public string Python { get; init; } = "/usr/bin/python3";

    /// <summary>Rounds; in each one every engine has its turn, and the median round counts.</summary>
    public int Repeats { get; init; } = 5;

    /// <summary>Seconds of an engine's turn, about.</summary>
    public double Turn { get; init; } = 0.4;

    public int[] Threads { get; init; } = [1, 2];

    /// <summary>Some of <c>load</c>, <c>towers</c>, <c>pictures</c>, <c>demo</c>.</summary>
    public string[] Parts { get; init; } = ["load", "towers", "pictures", "demo"];

    /// <summary>Where the JSON goes; stdout when empty.</summary>
    public string Out { get; init; } = "";

    public static ModelBenchmarkOptions Parse(ReadOnlySpan<string> args)
    {
        ModelBenchmarkOptions options = new();
        for (int i = 0; i < args.Length; i += 2)
        {
            string name = args[i];
            string value = i + 1 < args.Length ? args[i + 1] : throw new ArgumentException($"{name} needs a value.");
            options = name switch
            {
                "--data" => options with { Data = value },
                "--python" => options with { Python = value },
                "--repeats" => options with { Repeats = int.Parse(value, CultureInfo.InvariantCulture) },
                "--turn" => options with { Turn = double.Parse(value, CultureInfo.InvariantCulture) },
                "--threads" => options with { Threads = Array.ConvertAll(value.Split(','), t => int.Parse(t, CultureInfo.InvariantCulture)) },
                "--parts" => options with { Parts = value.Split(',') },
                "--out" => options with { Out = value },
                _ => throw new ArgumentException($"{name} is not an option of model."),
            };
        }

        return options;
    }
}
