namespace ChineseClip.Model.Tests.Inference;

/// <summary>A ResNet vision tower in float64, written as the formulas read; nothing is folded.</summary>
internal sealed class PlainResNet(ChineseClipVisionConfig vision, IReadOnlyDictionary<string, float[]> weights)
{
    /// <summary>Of the picture last encoded: the stem's result and each stage's, [channels, side, side].</summary>
    public List<double[]> Maps { get; } = [];

    /// <summary>Of the picture last encoded: how much the pool looks at its mean and at each place, [heads, 1 + places].</summary>
    public List<double[]> Shares { get; } = [];

    /// <summary>Of the picture last encoded: what the pool attends to, before its projection.</summary>
    public double[] Attended { get; private set; } = [];

    /// <summary>Unit embedding of one picture's pixel values, [3, size, size].</summary>
    public double[] Encode(ReadOnlySpan<float> pixels)
    {
        int size = vision.ImageSize;
        var x = new Map(3, size, [.. pixels.ToArray().Select(p => (double)p)]);
        x = Relu(Norm(Convolve(x, "visual.conv1", 3, 2), "visual.bn1"));
        x = Relu(Norm(Convolve(x, "visual.conv2", 3, 1), "visual.bn2"));
        x = Relu(Norm(Convolve(x, "visual.conv3", 3, 1), "visual.bn3"));
        x = Halve(x);
        Maps.Clear();
        Maps.Add(x.Values);
        for (int stage = 1; stage <= 4; stage++)
        {
            for (int block = 0; block < vision.ResNetLayers![stage - 1]; block++)
            {
                x = Bottleneck(x, $"visual.layer{stage}.{block}.", halves: stage > 1 && block == 0);
            }

            Maps.Add(x.Values);
        }

        double[] pooled = Pool(x);
        double length = Math.Sqrt(pooled.Sum(v => v * v));
        return [.. pooled.Select(v => v / length)];
    }

    private Map Bottleneck(Map x, string name, bool halves)
    {
        Map y = Relu(Norm(Convolve(x, name + "conv1", 1, 1), name + "bn1"));
        y = Relu(Norm(Convolve(y, name + "conv2", 3, 1), name + "bn2"));
        y = Norm(Convolve(halves ? Halve(y) : y, name + "conv3", 1, 1), name + "bn3");
        Map shortcut = weights.ContainsKey(name + "downsample.0.weight")
            ? Norm(Convolve(halves ? Halve(x) : x, name + "downsample.0", 1, 1), name + "downsample.1")
            : x;
        return Relu(y with { Values = [.. y.Values.Zip(shortcut.Values, (a, b) => a + b)] });
    }

    private double[] Pool(Map x)
    {
        int places = x.Side * x.Side;
        float[] positions = weights["visual.attnpool.positional_embedding"];
        double[][] tokens = [.. Enumerable.Range(0, places + 1).Select(token => Enumerable.Range(0, x.Channels).Select(channel =>
            positions[(token * x.Channels) + channel] + (token == 0
                ? x.Values.AsSpan(channel * places, places).ToArray().Average()
                : x.Values[(channel * places) + token - 1])).ToArray())];
        double[] query = Linear(tokens[0], "q_proj");
        double[][] keys = [.. tokens.Select(t => Linear(t, "k_proj"))];
        double[][] values = [.. tokens.Select(t => Linear(t, "v_proj"))];
        double[] attended = new double[x.Channels];
        Shares.Clear();
        for (int head = 0; head < x.Channels; head += 64)
        {
            double[] logits = [.. keys.Select(key => Enumerable.Range(head, 64).Sum(i => query[i] * key[i]) / 8)];
            double[] scores = [.. logits.Select(logit => Math.Exp(logit - logits.Max()))];
            Shares.Add([.. scores.Select(s => s / scores.Sum())]);
            for (int i = head; i < head + 64; i++)
            {
                attended[i] = scores.Select((s, token) => s * values[token][i]).Sum() / scores.Sum();
            }
        }

        Attended = attended;
        return Linear(attended, "c_proj");
    }

    private double[] Linear(double[] x, string part)
    {
        float[] matrix = weights[$"visual.attnpool.{part}.weight"];
        return [.. weights[$"visual.attnpool.{part}.bias"].Select((bias, output) =>
            bias + Enumerable.Range(0, x.Length).Sum(i => x[i] * matrix[(output * x.Length) + i]))];
    }

    /// <summary>Zeros around the picture, so that a stride of 1 keeps its size.</summary>
    private Map Convolve(Map x, string name, int kernel, int stride)
    {
        float[] weight = weights[name + ".weight"];
        int outputs = weight.Length / (x.Channels * kernel * kernel);
        int side = ((x.Side - 1) / stride) + 1;
        double[] values = new double[outputs * side * side];
        for (int i = 0; i < values.Length; i++)
        {
            (int output, int row, int column) = (i / (side * side), i / side % side, i % side);
            for (int tap = 0; tap < x.Channels * kernel * kernel; tap++)
            {
                int y = (row * stride) + (tap / kernel % kernel) - (kernel / 2);
                int z = (column * stride) + (tap % kernel) - (kernel / 2);
                if (y >= 0 && y < x.Side && z >= 0 && z < x.Side)
                {
                    values[i] += weight[(output * x.Channels * kernel * kernel) + tap] * x[tap / (kernel * kernel), y, z];
                }
            }
        }

        return new Map(outputs, side, values);
    }

    private Map Norm(Map x, string name) => x with
    {
        Values = [.. x.Values.Select((v, i) =>
        {
            int channel = i / (x.Side * x.Side);
            double unit = (v - weights[name + ".running_mean"][channel]) / Math.Sqrt(weights[name + ".running_var"][channel] + 1e-5);
            return (unit * weights[name + ".weight"][channel]) + weights[name + ".bias"][channel];
        })],
    };

    /// <summary>The mean of each two by two.</summary>
    private static Map Halve(Map x)
    {
        int side = x.Side / 2;
        return new Map(x.Channels, side, [.. Enumerable.Range(0, x.Channels * side * side).Select(i =>
        {
            (int channel, int row, int column) = (i / (side * side), i / side % side * 2, i % side * 2);
            return (x[channel, row, column] + x[channel, row, column + 1] + x[channel, row + 1, column] + x[channel, row + 1, column + 1]) / 4;
        })]);
    }

    private static Map Relu(Map x) => x with { Values = [.. x.Values.Select(v => Math.Max(0, v))] };

    private sealed record Map(int Channels, int Side, double[] Values)
    {
        public double this[int channel, int row, int column] => Values[(((channel * Side) + row) * Side) + column];
    }
}
