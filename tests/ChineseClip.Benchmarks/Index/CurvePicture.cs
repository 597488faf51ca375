using System.Globalization;
using System.Text;

namespace ChineseClip.Benchmarks.Index;

/// <summary>Draws recall against queries per CPU-second, pictures and texts side by side, as SVG.</summary>
/// <remarks>Axes: across, the recall, spread towards 1 by the logarithm of what is missed; up, queries by the logarithm.</remarks>
internal static class CurvePicture
{
    private const double PanelWidth = 430;
    private const double PanelHeight = 330;
    private const double Left = 76;
    private const double Top = 64;
    private const double Gap = 96;
    private const double LegendRow = 22;
    private const double MinRecall = 0.80;
    private const double MaxRecall = 0.9995;
    private static readonly double[] RecallTicks = [0.80, 0.90, 0.95, 0.98, 0.99, 0.995, 0.999];
    private static readonly string[] OurColors = ["#1f6feb", "#b3261e", "#0a7d5a", "#8250df"];
    private static readonly string[] PeerColors = ["#57606a", "#9a6700", "#8c959f", "#3b2300"];
    private static readonly string[] PeerDashes = ["7 4", "2 3", "10 3 2 3", "1 2"];

    public static string Draw(IndexReport report)
    {
        StringBuilder svg = new();
        int rows = (report.Engines.Count + 1) / 2;
        double width = Left + PanelWidth + Gap + PanelWidth + 48;
        double height = Top + PanelHeight + 66 + (rows * LegendRow);
        Add(svg, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" font-family=\"sans-serif\" font-size=\"13\" fill=\"#1f2328\">");
        Add(svg, $"<rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>");
        Add(svg, $"<text x=\"{Left}\" y=\"26\" font-size=\"16\" font-weight=\"bold\">{report.Options.N:N0} vectors of {report.Options.Dim} dimensions, one thread, recall@{report.Options.K}</text>");
        Panel(svg, report, "picture", "Picture queries", Left);
        Panel(svg, report, "text", "Text queries", Left + PanelWidth + Gap);
        for (int i = 0; i < report.Engines.Count; i++)
        {
            double x = Left + (i % 2 * (PanelWidth + Gap));
            double y = Top + PanelHeight + 62 + (i / 2 * LegendRow);
            Add(svg, $"<line x1=\"{x}\" y1=\"{y}\" x2=\"{x + 36}\" y2=\"{y}\" {Stroke(report, i)}/>");
            EngineResult engine = report.Engines[i];
            string learning = engine.LearnSeconds > 0 ? $", learning {Text(engine.LearnSeconds, "0")} s" : "";
            Add(svg, $"<text x=\"{x + 44}\" y=\"{y + 4}\">{Escape(engine.Engine)} — build {engine.Build.CpuSeconds:0} s{learning}, {engine.Bytes / 1e6:0} MB</text>");
        }
        svg.AppendLine("</svg>");
        return svg.ToString();
    }

    private static void Panel(StringBuilder svg, IndexReport report, string kind, string title, double left)
    {
        CurvePoint[] shown = [.. report.Engines.SelectMany(engine => engine.Curves[kind]).Where(point => point.Recall >= MinRecall)];
        double low = Math.Floor(Math.Log10(shown.Length == 0 ? 1 : shown.Min(point => point.QpsCpu)) * 3) / 3;
        double high = Math.Ceiling(Math.Log10(shown.Length == 0 ? 10 : shown.Max(point => point.QpsCpu)) * 3) / 3;
        double bottom = Top + PanelHeight;
        Add(svg, $"<text x=\"{left}\" y=\"{Top - 12}\" font-weight=\"bold\">{title}</text>");
        foreach (double recall in RecallTicks)
        {
            double x = left + Across(recall);
            Add(svg, $"<line x1=\"{x:0.#}\" y1=\"{Top}\" x2=\"{x:0.#}\" y2=\"{bottom}\" stroke=\"#e4e8ec\"/>");
            Add(svg, $"<text x=\"{x:0.#}\" y=\"{bottom + 18}\" text-anchor=\"middle\">{recall}</text>");
        }
        foreach (double qps in QpsTicks(low, high))
        {
            double y = Up(qps, low, high);
            Add(svg, $"<line x1=\"{left}\" y1=\"{y:0.#}\" x2=\"{left + PanelWidth}\" y2=\"{y:0.#}\" stroke=\"#e4e8ec\"/>");
            Add(svg, $"<text x=\"{left - 6}\" y=\"{y + 4:0.#}\" text-anchor=\"end\">{qps:N0}</text>");
        }
        Add(svg, $"<rect x=\"{left}\" y=\"{Top}\" width=\"{PanelWidth}\" height=\"{PanelHeight}\" fill=\"none\" stroke=\"#8c959f\"/>");
        Add(svg, $"<text x=\"{left + (PanelWidth / 2)}\" y=\"{bottom + 36}\" text-anchor=\"middle\">recall@{report.Options.K}</text>");
        Add(svg, $"<text transform=\"translate({left - 58} {Top + (PanelHeight / 2)}) rotate(-90)\" text-anchor=\"middle\">queries per CPU-second</text>");
        for (int i = 0; i < report.Engines.Count; i++)
        {
            (double X, double Y)[] places = [.. report.Engines[i].Curves[kind].Where(point => point.Recall >= MinRecall)
                .Select(point => (left + Across(point.Recall), Up(point.QpsCpu, low, high)))];
            string line = string.Join(' ', places.Select(place => Text(place.X, "0.#") + "," + Text(place.Y, "0.#")));
            Add(svg, $"<polyline points=\"{line}\" fill=\"none\" {Stroke(report, i)}/>");
            foreach ((double x, double y) in places)
            {
                Add(svg, $"<circle cx=\"{x:0.#}\" cy=\"{y:0.#}\" r=\"2.6\" fill=\"{Color(report, i)}\"/>");
            }
        }
    }

    private static double Across(double recall) =>
        (Missed(Math.Min(recall, MaxRecall)) - Missed(MinRecall)) / (Missed(MaxRecall) - Missed(MinRecall)) * PanelWidth;

    private static double Missed(double recall) => -Math.Log10(1 - recall);

    private static double Up(double qps, double low, double high) => Top + (PanelHeight * (high - Math.Log10(qps)) / (high - low));

    private static IEnumerable<double> QpsTicks(double low, double high) =>
        from power in Enumerable.Range(0, 8)
        from digit in (int[])[1, 2, 5]
        let qps = digit * Math.Pow(10, power)
        where Math.Log10(qps) >= low - 1e-9 && Math.Log10(qps) <= high + 1e-9
        select qps;

    private static string Stroke(IndexReport report, int engine) => IsOurs(report, engine)
        ? $"stroke=\"{Color(report, engine)}\" stroke-width=\"2.6\""
        : $"stroke=\"{Color(report, engine)}\" stroke-width=\"2\" stroke-dasharray=\"{PeerDashes[PlaceOf(report, engine) % PeerDashes.Length]}\"";

    private static string Color(IndexReport report, int engine)
    {
        string[] colors = IsOurs(report, engine) ? OurColors : PeerColors;
        return colors[PlaceOf(report, engine) % colors.Length];
    }

    private static int PlaceOf(IndexReport report, int engine) =>
        Enumerable.Range(0, engine).Count(before => IsOurs(report, before) == IsOurs(report, engine));

    private static bool IsOurs(IndexReport report, int engine) =>
        report.Engines[engine].Engine.StartsWith("ChineseClip", StringComparison.Ordinal);

    private static void Add(StringBuilder svg, FormattableString line) => svg.AppendLine(line.ToString(CultureInfo.InvariantCulture));

    private static string Text(double number, string format) => number.ToString(format, CultureInfo.InvariantCulture);

    private static string Escape(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);
}
