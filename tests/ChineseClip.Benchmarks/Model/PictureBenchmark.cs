using System.Diagnostics;
using System.Globalization;
using ChineseClip.Model;

namespace ChineseClip.Benchmarks.Model;

/// <summary>From a JPEG file's bytes to the model's pixel values, against Pillow, in turns.</summary>
internal static class PictureBenchmark
{
    private const int Side = 224;

    /// <summary>Until the runtime has compiled everything as well as it can.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1);

    public static (string Peer, double PeerCpuSeconds, List<PictureCase> Cases) Run(ModelBenchmarkOptions options, BenchmarkFiles files)
    {
        using PeerProcess pillow = PeerProcess.Start(options.Python, "pillow_pictures.py", ["serve"], threads: 1);
        var processor = new ImageProcessor(new ImageProcessorOptions { Size = new ImageSize(Side, Side), DoCenterCrop = false });
        var cases = new List<PictureCase>();
        double peerSeconds = 0;
        foreach (bool scaled in (bool[])[false, true])
        {
            foreach ((string name, _, _) in BenchmarkFiles.Pictures)
            {
                cases.Add(Measure(files.Picture(name), name, scaled));
            }
        }

        return (pillow.Greeting, peerSeconds, cases);

        PictureCase Measure(string path, string name, bool scaled)
        {
            byte[] file = File.ReadAllBytes(path);
            ImageDecodeLimits limits = scaled ? new ImageDecodeLimits { ScaledDecodingFor = new ImageSize(Side, Side) } : ImageDecodeLimits.Default;
            float[] values = new float[3 * Side * Side];
            RgbImage Ours()
            {
                RgbImage resized = processor.Resize(ImageDecoder.Decode(file, path, limits));
                processor.Normalize(resized, values);
                return resized;
            }

            double[] Theirs(int repeats)
            {
                double[] answer = pillow.Ask(string.Create(CultureInfo.InvariantCulture, $"{path} {Side} {repeats} {(scaled ? 1 : 0)}"));
                peerSeconds += answer[0] + answer[1];
                return answer;
            }

            int repeats = Math.Max(2, (int)(options.Turn / Math.Max(0.001, Theirs(2)[0] / 2)));
            for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < WarmUp;)
            {
                Ours();
            }

            var rounds = new List<(double Ours, double Pillow, double Numpy)>();
            for (int round = 0; round < options.Repeats; round++)
            {
                double ours = Time(repeats, Ours);
                double[] theirs = Theirs(repeats);
                rounds.Add((1000 * ours / repeats, 1000 * theirs[0] / repeats, 1000 * (theirs[0] + theirs[1]) / repeats));
            }

            double Median(Func<(double Ours, double Pillow, double Numpy), double> of) => rounds.Select(of).Order().ElementAt(rounds.Count / 2);
            (double our, double pillowOnly, double both) = (Median(r => r.Ours), Median(r => r.Pillow), Median(r => r.Numpy));
            byte[] expected = File.ReadAllBytes(path + ".rgb");
            int largest = Ours().Pixels.Zip(expected, (a, b) => Math.Abs(a - b)).Max();
            return new PictureCase(
                name, file.Length, scaled, our, pillowOnly, both, Median(r => r.Pillow / r.Ours), Median(r => r.Numpy / r.Ours), largest);
        }
    }

    /// <summary>CPU seconds of this thread, which does all of it.</summary>
    private static double Time(int repeats, Func<RgbImage> run)
    {
        double start = CpuClock.Seconds;
        for (int i = 0; i < repeats; i++)
        {
            run();
        }

        return CpuClock.Seconds - start;
    }
}
