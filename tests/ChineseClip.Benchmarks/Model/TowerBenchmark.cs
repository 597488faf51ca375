using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using ChineseClip.Model;
using Microsoft.ML.OnnxRuntime;

namespace ChineseClip.Benchmarks.Model;

/// <summary>Both towers, ours in fp32 and int8, against PyTorch and an exported graph with the same weights and inputs.</summary>
internal sealed class TowerBenchmark : IDisposable
{
    public const string PyTorch = "PyTorch fp32";
    private const int ExportedTextLength = 52;
    private static readonly (int Batch, int Length)[] TextCases = [(1, 16), (1, 52), (8, 16), (8, 52)];
    private static readonly int[] ImageBatches = [1, 8];
    private readonly ModelBenchmarkOptions _options;
    private readonly BenchmarkFiles _files;
    private readonly PeerProcess _torch;
    private readonly int _threads;
    private readonly Dictionary<string, (ITextEncoder Text, IImageEncoder Image)> _ours = [];
    private readonly InferenceSession _exportedVision;
    private readonly InferenceSession _exportedText;
    private readonly ModelPackage _package;

    public TowerBenchmark(ModelBenchmarkOptions options, BenchmarkFiles files, int threads)
    {
        _options = options;
        _files = files;
        _threads = threads;
        _package = ModelPackage.Open(files.Package(ModelPrecision.Fp32));
        var runtime = new EncoderRuntimeOptions { IntraOpThreads = threads };
        foreach (ModelPrecision precision in (ModelPrecision[])[ModelPrecision.Fp32, ModelPrecision.Int8])
        {
            ModelPackage package = ModelPackage.Open(files.Package(precision));
            _ours.Add($"ours {Name(precision)}", (package.CreateTextEncoder(runtime), package.CreateImageEncoder(runtime)));
        }

        using var session = new SessionOptions { IntraOpNumThreads = threads };
        session.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        _exportedVision = new InferenceSession(Path.Combine(files.Exported, "vision.onnx"), session);
        _exportedText = new InferenceSession(Path.Combine(files.Exported, "text.onnx"), session);
        _torch = PeerProcess.Start(
            options.Python, "torch_towers.py", ["serve", files.Checkpoint, threads.ToString(CultureInfo.InvariantCulture)], threads);
    }

    public string Torch => _torch.Greeting;

    public double PeerCpuSeconds { get; private set; }

    public IEnumerable<TowerCase> Run()
    {
        foreach (int batch in ImageBatches)
        {
            yield return Measure(ImageCase(batch));
        }

        foreach ((int batch, int length) in TextCases)
        {
            yield return Measure(TextCase(batch, length));
        }
    }

    /// <summary>Ours against PyTorch, number by number, on eight inputs of each kind.</summary>
    public PrecisionFigure Compare()
    {
        const int Count = 8;
        Case images = ImageCase(Count);
        Case texts = TextCase(Count, 16);
        float[] torchImages = AskRows(images);
        float[] torchTexts = AskRows(texts);
        float[] fp32Images = _ours["ours fp32"].Image.Encode(images.Pictures!);
        float[] fp32Texts = _ours["ours fp32"].Text.Encode(texts.Texts!);
        double largest = Math.Max(Largest(torchImages, fp32Images), Largest(torchTexts, fp32Texts));
        return new PrecisionFigure(
            "generated ViT-B/16",
            largest,
            MeanCosine(fp32Texts, _ours["ours int8"].Text.Encode(texts.Texts!), Count),
            MeanCosine(fp32Images, _ours["ours int8"].Image.Encode(images.Pictures!), Count));
    }

    public void Dispose()
    {
        foreach ((ITextEncoder text, IImageEncoder image) in _ours.Values)
        {
            text.Dispose();
            image.Dispose();
        }

        _exportedText.Dispose();
        _exportedVision.Dispose();
        _torch.Dispose();
    }

    public static string Name(ModelPrecision precision) => precision.ToString().ToLowerInvariant();

    internal static double MeanCosine(float[] a, float[] b, int rows)
    {
        int width = a.Length / rows;
        return Enumerable.Range(0, rows).Average(row =>
        {
            double dot = 0, aa = 0, bb = 0;
            for (int i = row * width; i < (row + 1) * width; i++)
            {
                dot += (double)a[i] * b[i];
                aa += (double)a[i] * a[i];
                bb += (double)b[i] * b[i];
            }

            return dot / Math.Sqrt(aa * bb);
        });
    }

    private static double Largest(float[] a, float[] b) => a.Zip(b, (x, y) => Math.Abs((double)x - y)).Max();

    private TowerCase Measure(Case work)
    {
        var engines = new Dictionary<string, Func<int, (double Cpu, double Wall)>>
        {
            [PyTorch] = repeats => Ask(work, repeats),
            ["exported graph, ONNX Runtime"] = repeats => Time(repeats, () => RunExported(work)),
        };
        foreach ((string name, (ITextEncoder text, IImageEncoder image)) in _ours)
        {
            engines.Add(name, repeats => Time(
                repeats, () => _ = work.Pictures is null ? text.Encode(work.Texts!) : image.Encode(work.Pictures)));
        }

        var turns = new Dictionary<string, int>();
        foreach ((string name, Func<int, (double Cpu, double Wall)> run) in engines)
        {
            run(1);
            turns[name] = Math.Max(1, (int)(_options.Turn / run(1).Wall));
        }

        Dictionary<string, List<(double Cpu, double Wall)>> rounds = engines.ToDictionary(e => e.Key, _ => new List<(double, double)>());
        for (int round = 0; round < _options.Repeats; round++)
        {
            foreach ((string name, Func<int, (double Cpu, double Wall)> run) in engines)
            {
                (double cpu, double wall) = run(turns[name]);
                double inputs = turns[name] * work.Batch;
                rounds[name].Add((1000 * cpu / inputs, 1000 * wall / inputs));
            }
        }

        EngineTime[] times = [.. rounds.Select(r => new EngineTime(
            r.Key, Median(r.Value.Select(t => t.Cpu)), Median(r.Value.Select(t => t.Wall))))];

        // Of each round by itself: a machine that slows down for a while slows both down.
        double[] torch = [.. rounds[PyTorch].Select(t => t.Cpu)];
        Dictionary<string, double> ratios = rounds.ToDictionary(r => r.Key, r => Median(r.Value.Select((t, round) => torch[round] / t.Cpu)));
        return new TowerCase(work.Kind, work.Batch, work.Length, _threads, times, ratios);
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    private static (double Cpu, double Wall) Time(int repeats, Action run)
    {
        using Process self = Process.GetCurrentProcess();
        double cpu = self.TotalProcessorTime.TotalSeconds;
        long wall = Stopwatch.GetTimestamp();
        for (int i = 0; i < repeats; i++)
        {
            run();
        }

        double elapsed = Stopwatch.GetElapsedTime(wall).TotalSeconds;
        self.Refresh();
        return (self.TotalProcessorTime.TotalSeconds - cpu, elapsed);
    }

    private (double Cpu, double Wall) Ask(Case work, int repeats)
    {
        string length = work.Pictures is null ? $" {work.Length}" : "";
        double[] answer = _torch.Ask(string.Create(
            CultureInfo.InvariantCulture, $"{(work.Pictures is null ? "text" : "image")} {work.Path} {work.Batch}{length} {repeats}"));
        PeerCpuSeconds += answer[0];
        return (answer[0], answer[1]);
    }

    private float[] AskRows(Case work)
    {
        Ask(work, 1);
        return MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(work.Path + ".out")).ToArray();
    }

    private void RunExported(Case work)
    {
        using var options = new RunOptions();
        using OrtValue input = work.Pictures is not null
            ? OrtValue.CreateTensorValueFromMemory(work.Pixels!, [work.Batch, 3, _package.Manifest.ImageSize, _package.Manifest.ImageSize])
            : OrtValue.CreateTensorValueFromMemory(work.PaddedIds!, [work.Batch, ExportedTextLength]);
        InferenceSession session = work.Pictures is not null ? _exportedVision : _exportedText;
        using IDisposableReadOnlyCollection<OrtValue> rows = session.Run(
            options, [work.Pictures is not null ? "pixel_values" : "input_ids"], [input], ["embedding"]);
    }

    /// <summary>Waves and edges of other widths and directions in each picture.</summary>
    private Case ImageCase(int batch)
    {
        int side = _package.Manifest.ImageSize;
        byte[][] pictures = [.. Enumerable.Range(1, batch).Select(seed =>
        {
            byte[] rgb = new byte[3 * side * side];
            for (int i = 0; i < rgb.Length; i++)
            {
                (int x, int y, int channel) = (i / 3 % side, i / (3 * side), i % 3);
                double wave = 60 * Math.Sin(((x * seed) + (y * (channel + 1))) * 0.05);
                rgb[i] = (byte)(128 + wave + ((x / 28 * seed) + (y / 28) % 2 == 0 ? 40 : 0));
            }

            return rgb;
        })];
        float[] pixels = new float[batch * 3 * side * side];
        for (int i = 0; i < batch; i++)
        {
            _package.ImageProcessor.Normalize(pictures[i], pixels.AsSpan(i * 3 * side * side, 3 * side * side));
        }

        string path = _files.Write($"pixels-{batch}.f32", MemoryMarshal.AsBytes(pixels.AsSpan()));
        return new Case("picture", batch, 0, path) { Pictures = [.. pictures.Select(p => new ReadOnlyMemory<byte>(p))], Pixels = pixels };
    }

    private Case TextCase(int batch, int length)
    {
        var random = new Random(length);
        int[][] texts = [.. Enumerable.Range(0, batch).Select(_ =>
            (int[])[101, .. Enumerable.Range(0, length - 2).Select(_ => random.Next(200, 21_000)), 102])];
        long[] padded = new long[batch * ExportedTextLength];
        for (int i = 0; i < batch; i++)
        {
            Array.ConvertAll(texts[i], id => (long)id).CopyTo(padded, i * ExportedTextLength);
        }

        long[] ids = [.. texts.SelectMany(text => text).Select(id => (long)id)];
        string path = _files.Write($"ids-{batch}x{length}.i64", MemoryMarshal.AsBytes(ids.AsSpan()));
        return new Case("text", batch, length, path) { Texts = texts, PaddedIds = padded };
    }

    private sealed record Case(string Kind, int Batch, int Length, string Path)
    {
        public IReadOnlyList<ReadOnlyMemory<byte>>? Pictures { get; init; }

        public float[]? Pixels { get; init; }

        public int[][]? Texts { get; init; }

        public long[]? PaddedIds { get; init; }
    }
}
