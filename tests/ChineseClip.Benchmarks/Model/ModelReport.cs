using System.Globalization;
using System.Text.Json;

namespace ChineseClip.Benchmarks.Model;

/// <summary>One conversion of the full-size checkpoint, in a process of its own.</summary>
internal sealed record ConversionFigure(string Precision, double Seconds, double PeakMebibytes);

/// <summary>Both towers made ready in a process of its own, and one text and one picture run.</summary>
/// <param name="Precision">Of the package.</param>
/// <param name="PackWeights">Whether the kernels rearranged the weights.</param>
/// <param name="Seconds">From the call to both encoders being ready.</param>
/// <param name="SecondsFromProcessStart">The same with the start of the runtime.</param>
/// <param name="ResidentMebibytes">Memory afterwards, mapped files included.</param>
internal sealed record LoadFigure(
    string Precision, bool PackWeights, double Seconds, double SecondsFromProcessStart, double ResidentMebibytes);

/// <summary>An engine on one case: the median round, for one input.</summary>
internal sealed record EngineTime(string Engine, double CpuMilliseconds, double WallMilliseconds);

/// <summary>All engines on one case, and how many times as fast as PyTorch each is by CPU time.</summary>
internal sealed record TowerCase(
    string Kind, int Batch, int Length, int Threads, IReadOnlyList<EngineTime> Engines, IReadOnlyDictionary<string, double> TimesPyTorch);

/// <summary>A JPEG of some size: milliseconds of CPU, ours and Pillow's.</summary>
/// <param name="Picture">Its size.</param>
/// <param name="FileBytes">Its file.</param>
/// <param name="Scaled">Whether both decode to a fraction of the size, which they were asked for.</param>
/// <param name="Ours">Decode, resize, pixel values.</param>
/// <param name="Pillow">Decode and resize.</param>
/// <param name="PillowAndNumpy">The same and pixel values.</param>
/// <param name="TimesPillow">Pillow over ours, although ours makes the pixel values too.</param>
/// <param name="TimesPillowAndNumpy">Like for like.</param>
/// <param name="LargestDifference">Of the resized bytes.</param>
internal sealed record PictureCase(
    string Picture, long FileBytes, bool Scaled, double Ours, double Pillow, double PillowAndNumpy, double TimesPillow,
    double TimesPillowAndNumpy, int LargestDifference);

/// <summary>What int8 costs in precision.</summary>
internal sealed record PrecisionFigure(
    string Model, double LargestFp32DifferenceToPyTorch, double MeanInt8CosineTexts, double MeanInt8CosinePictures,
    double? RecallAt10Fp32 = null, double? RecallAt10Int8 = null);

/// <summary>What the JSON file under docs/benchmarks says.</summary>
internal sealed record ModelReport
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public required string Command { get; init; }

    public required string Commit { get; init; }

    public required DateTimeOffset MeasuredAt { get; init; }

    public required string Machine { get; init; }

    public required int Cores { get; init; }

    /// <summary>Share of the machine's processor time that went to other processes while we measured; above 0.1 it was busy.</summary>
    public required double OthersShare { get; init; }

    public required bool WasBusy { get; init; }

    public required IReadOnlyList<string> Engines { get; init; }

    public required IReadOnlyList<ConversionFigure> Conversions { get; init; }

    public required IReadOnlyList<LoadFigure> Loads { get; init; }

    public required IReadOnlyList<TowerCase> Towers { get; init; }

    public required IReadOnlyList<PictureCase> Pictures { get; init; }

    public required IReadOnlyList<PrecisionFigure> Precision { get; init; }

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    public void Print(TextWriter writer)
    {
        void Line(FormattableString text) => writer.WriteLine(text.ToString(CultureInfo.InvariantCulture));
        foreach (ConversionFigure c in Conversions)
        {
            Line($"convert {c.Precision}: {c.Seconds:0.0} s, peak {c.PeakMebibytes:0} MiB");
        }

        foreach (LoadFigure l in Loads)
        {
            string packed = l.PackWeights ? "packed" : "mapped";
            Line($"load {l.Precision} {packed}: {l.Seconds:0.00} s ({l.SecondsFromProcessStart:0.00} s from process start), {l.ResidentMebibytes:0} MiB");
        }

        foreach (TowerCase t in Towers)
        {
            string times = string.Join(", ", t.Engines.Select(e => string.Create(
                CultureInfo.InvariantCulture, $"{e.Engine} {e.CpuMilliseconds:0.0} ms ({t.TimesPyTorch[e.Engine]:0.00}x)")));
            Line($"{t.Kind} batch {t.Batch} length {t.Length} threads {t.Threads}: {times}");
        }

        foreach (PictureCase p in Pictures)
        {
            string scaled = p.Scaled ? " scaled" : "";
            Line($"{p.Picture}{scaled}: ours {p.Ours:0.00} ms, Pillow {p.Pillow:0.00} ms ({p.TimesPillow:0.00}x), with numpy {p.TimesPillowAndNumpy:0.00}x");
        }

        foreach (PrecisionFigure p in Precision)
        {
            Line($"{p.Model}: fp32 - PyTorch {p.LargestFp32DifferenceToPyTorch:E1}, int8 cosine {p.MeanInt8CosineTexts:0.0000} texts, {p.MeanInt8CosinePictures:0.0000} pictures, R@10 {p.RecallAt10Fp32:0.000} -> {p.RecallAt10Int8:0.000}");
        }

        Line($"others' share of the processors {OthersShare:P0}");
    }
}
