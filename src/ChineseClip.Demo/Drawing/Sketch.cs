using SkiaSharp;

namespace ChineseClip.Demo.Drawing;

/// <summary>The drawing of one kind: parts from back to front in the square ±100, y down, and the silhouette around them all.</summary>
/// <remarks>Outlines and silhouettes are stroked once, here; drawing a thing is then only filling paths. Threads: safe once built.</remarks>
internal sealed class Sketch
{
    private const float OutlineWidth = 8;
    private const float RimWidth = 22;
    private readonly List<Part> _parts = [];

    public IReadOnlyList<Part> Parts => _parts;

    /// <summary>Everything outlined or lined, as one path.</summary>
    public SKPath Silhouette { get; private set; } = new();

    /// <summary>The silhouette with a margin: the light rim that parts a thing from any background.</summary>
    public SKPath Rim { get; private set; } = new();

    /// <summary>A filled piece with an outline, given as SVG path data.</summary>
    public Sketch Piece(Tone tone, string svg) => Add(tone, Parse(svg), isOutlined: true);

    /// <summary>A filled piece without an outline.</summary>
    public Sketch Detail(Tone tone, string svg) => Add(tone, Parse(svg), isOutlined: false);

    public Sketch Disc(Tone tone, float x, float y, float radiusX, float radiusY) =>
        Add(tone, Ellipse(x, y, radiusX, radiusY), isOutlined: true);

    public Sketch Dot(Tone tone, float x, float y, float radiusX, float radiusY) =>
        Add(tone, Ellipse(x, y, radiusX, radiusY), isOutlined: false);

    /// <summary>Overlapping circles (x, y, radius) as one outlined piece.</summary>
    public Sketch Blob(Tone tone, params (float X, float Y, float Radius)[] circles)
    {
        var whole = new SKPath();
        foreach (var (x, y, radius) in circles)
        {
            whole = whole.Op(Ellipse(x, y, radius, radius), SKPathOp.Union);
        }

        return Add(tone, whole, isOutlined: true);
    }

    /// <summary>A regular star or ray wheel with its first point up.</summary>
    public Sketch Star(Tone tone, float radius, float innerRadius, int points, float y = 0)
    {
        var corners = Enumerable.Range(0, 2 * points).Select(i =>
        {
            var angle = (MathF.PI * i / points) - (MathF.PI / 2);
            var reach = i % 2 == 0 ? radius : innerRadius;
            return new SKPoint(reach * MathF.Cos(angle), y + (reach * MathF.Sin(angle)));
        });
        var path = new SKPath();
        path.AddPoly([.. corners]);
        return Add(tone, path, isOutlined: true);
    }

    /// <summary>The first SVG shape without the second.</summary>
    public Sketch Cut(Tone tone, SKPath from, SKPath away) => Add(tone, from.Op(away, SKPathOp.Difference), isOutlined: true);

    /// <summary>An open line of even width with round ends.</summary>
    public Sketch Line(Tone tone, float width, string svg, bool isOutlined = false) =>
        Add(tone, Stroke(Parse(svg), width), isOutlined);

    /// <summary>Turns and scales everything drawn so far, then closes the sketch.</summary>
    public Sketch Done(float degrees = 0, float scale = 1)
    {
        var turn = SKMatrix.CreateRotationDegrees(degrees).PostConcat(SKMatrix.CreateScale(scale, scale));
        var whole = new SKPath();
        for (var i = 0; i < _parts.Count; i++)
        {
            var part = _parts[i];
            part.Fill.Transform(turn);
            var outline = part.Outline is null ? null : Stroke(part.Fill, OutlineWidth);
            _parts[i] = part with { Outline = outline };
            whole = whole.Op(part.Fill, SKPathOp.Union);
        }

        Silhouette = whole;
        Rim = Stroke(whole, RimWidth).Op(whole, SKPathOp.Union);
        return this;
    }

    public static SKPath Ellipse(float x, float y, float radiusX, float radiusY)
    {
        var path = new SKPath();
        path.AddOval(new SKRect(x - radiusX, y - radiusY, x + radiusX, y + radiusY));
        return path;
    }

    private static SKPath Parse(string svg) =>
        SKPath.ParseSvgPathData(svg) ?? throw new ArgumentException($"Not SVG path data: {svg}", nameof(svg));

    private static SKPath Stroke(SKPath path, float width)
    {
        using var pen = new SKPaint
        {
            Style = SKPaintStyle.Stroke,
            StrokeWidth = width,
            StrokeJoin = SKStrokeJoin.Round,
            StrokeCap = SKStrokeCap.Round,
        };
        var stroked = new SKPath();
        pen.GetFillPath(path, stroked);
        return stroked.Simplify();
    }

    private Sketch Add(Tone tone, SKPath path, bool isOutlined)
    {
        _parts.Add(new(path, isOutlined ? path : null, tone));
        return this;
    }
}
