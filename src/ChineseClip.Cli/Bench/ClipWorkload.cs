namespace ChineseClip.Cli.Bench;

/// <summary>A workload like CLIP embeddings: pictures in two thousand clusters, and captions that lie outside their distribution.</summary>
/// <remarks>
/// Every row depends on (seed, stream, id) alone. Streams: 1 means, 2 global directions, 3 cluster centres, 4 cluster bases,
/// 5 indexed pictures, 6 held-out pictures and their captions, 7 what captions add of their own, 8 captions to learn from.
/// Checked at seed 42, 100k × 512: mean cosine picture-picture 0.503, matched pair 0.291, text-random picture 0.104.
/// </remarks>
internal sealed class ClipWorkload
{
    private const int ClusterCount = 2000;
    private const double ZipfExponent = 0.8;
    private const int GlobalDirections = 128;
    private const int LatentDirections = 48;
    private const double ImageMeanEnergy = 0.50;
    private const double TextMeanEnergy = 0.55;
    private const double CosineOfMeans = 0.20;
    private const double CentreEnergy = 0.50;
    private const double WithinEnergy = 0.40;
    private const double NoiseEnergy = 0.10;
    private const double SemanticShare = 0.42;
    private const ulong FirstTrainingText = 1_000_000_000;

    private readonly int _dimension;
    private readonly ulong _seed;
    private readonly double[] _globalScale = new double[GlobalDirections];
    private readonly double[] _latentScale = new double[LatentDirections];
    private readonly double[] _imageMean;
    private readonly double[] _textMean;
    private readonly double[][] _global = new double[GlobalDirections][];
    private readonly double[][] _centres = new double[ClusterCount][];
    private readonly float[] _bases;
    private readonly double[] _cumulative = new double[ClusterCount];

    public ClipWorkload(int dimension, ulong seed)
    {
        _dimension = dimension;
        _seed = seed;
        _bases = new float[ClusterCount * LatentDirections * dimension];
        FillScales();
        _imageMean = Gaussian(1, 0);
        _textMean = TextMean();
        for (int j = 0; j < GlobalDirections; j++)
        {
            _global[j] = Gaussian(2, (ulong)j);
        }
        for (int cluster = 0; cluster < ClusterCount; cluster++)
        {
            _centres[cluster] = GlobalVector(new CounterRandom(seed, 3, (ulong)cluster));
        }
        for (int row = 0; row < ClusterCount * LatentDirections; row++)
        {
            CounterRandom random = new(seed, 4, (ulong)row);
            for (int i = 0; i < dimension; i++)
            {
                _bases[(row * dimension) + i] = (float)(random.NextGaussian() / Math.Sqrt(dimension));
            }
        }
    }

    public float[] IndexedPicture(int id) => Picture(5, (ulong)id);

    public float[] HeldOutPicture(int id) => Picture(6, (ulong)id);

    /// <summary>A caption of <see cref="HeldOutPicture"/> of the same id.</summary>
    public float[] HeldOutText(int id) => Text(6, (ulong)id, (ulong)id);

    public float[] TrainingText(int id) => Text(8, (ulong)id, (ulong)id + FirstTrainingText);

    private float[] Picture(ulong stream, ulong id)
    {
        CounterRandom random = new(_seed, stream, id);
        (int cluster, double[] within) = Latent(random);
        double[] centre = _centres[cluster];
        double mean = Math.Sqrt(ImageMeanEnergy);
        double rest = Math.Sqrt(1 - ImageMeanEnergy);
        double noise = Math.Sqrt(NoiseEnergy / _dimension);
        double[] picture = new double[_dimension];
        for (int i = 0; i < _dimension; i++)
        {
            picture[i] = (mean * _imageMean[i]) + (rest * ((Math.Sqrt(CentreEnergy) * centre[i])
                + (Math.Sqrt(WithinEnergy) * within[i]) + (noise * random.NextGaussian())));
        }
        return ToUnitFloats(picture);
    }

    private float[] Text(ulong stream, ulong latentId, ulong textId)
    {
        (int cluster, double[] within) = Latent(new CounterRandom(_seed, stream, latentId));
        double[] centre = _centres[cluster];
        CounterRandom own = new(_seed, 7, textId);
        double[] global = GlobalVector(own);
        double mean = Math.Sqrt(TextMeanEnergy);
        double rest = Math.Sqrt(1 - TextMeanEnergy);
        double half = Math.Sqrt(0.5);
        double ownShare = 1 - (SemanticShare * SemanticShare);
        double noise = Math.Sqrt(ownShare * 0.5 / _dimension);
        double[] text = new double[_dimension];
        for (int i = 0; i < _dimension; i++)
        {
            double semantic = SemanticShare * ((half * centre[i]) + (half * within[i]));
            text[i] = (mean * _textMean[i])
                + (rest * (semantic + (Math.Sqrt(ownShare * 0.5) * global[i]) + (noise * own.NextGaussian())));
        }
        return ToUnitFloats(text);
    }

    private (int Cluster, double[] Within) Latent(CounterRandom random)
    {
        int cluster = Array.BinarySearch(_cumulative, random.NextUniform());
        cluster = Math.Min(ClusterCount - 1, cluster < 0 ? ~cluster : cluster + 1);
        double[] coefficients = new double[LatentDirections];
        for (int j = 0; j < LatentDirections; j++)
        {
            coefficients[j] = _latentScale[j] * random.NextGaussian();
        }
        double[] within = new double[_dimension];
        for (int j = 0; j < LatentDirections; j++)
        {
            ReadOnlySpan<float> direction = _bases.AsSpan(((cluster * LatentDirections) + j) * _dimension, _dimension);
            for (int i = 0; i < within.Length; i++)
            {
                within[i] += coefficients[j] * direction[i];
            }
        }
        return (cluster, within);
    }

    private double[] GlobalVector(CounterRandom random)
    {
        double[] vector = new double[_dimension];
        for (int j = 0; j < GlobalDirections; j++)
        {
            double coefficient = _globalScale[j] * random.NextGaussian();
            double[] direction = _global[j];
            for (int i = 0; i < vector.Length; i++)
            {
                vector[i] += coefficient * direction[i];
            }
        }
        Normalize(vector);
        return vector;
    }

    private void FillScales()
    {
        double sum = 0;
        for (int j = 0; j < GlobalDirections; j++)
        {
            _globalScale[j] = Math.Pow(j + 1, -0.6);
        }
        for (int j = 0; j < LatentDirections; j++)
        {
            _latentScale[j] = Math.Pow(j + 1, -0.25);
            sum += _latentScale[j] * _latentScale[j];
        }
        for (int j = 0; j < LatentDirections; j++)
        {
            _latentScale[j] /= Math.Sqrt(sum);
        }
        sum = 0;
        for (int cluster = 0; cluster < ClusterCount; cluster++)
        {
            sum += Math.Pow(cluster + 1, -ZipfExponent);
            _cumulative[cluster] = sum;
        }
        for (int cluster = 0; cluster < ClusterCount; cluster++)
        {
            _cumulative[cluster] /= sum;
        }
    }

    private double[] TextMean()
    {
        double[] mean = Gaussian(1, 1);
        double along = 0;
        for (int i = 0; i < _dimension; i++)
        {
            along += mean[i] * _imageMean[i];
        }
        for (int i = 0; i < _dimension; i++)
        {
            mean[i] -= along * _imageMean[i];
        }
        Normalize(mean);
        for (int i = 0; i < _dimension; i++)
        {
            mean[i] = (CosineOfMeans * _imageMean[i]) + (Math.Sqrt(1 - (CosineOfMeans * CosineOfMeans)) * mean[i]);
        }
        return mean;
    }

    private double[] Gaussian(ulong stream, ulong id)
    {
        CounterRandom random = new(_seed, stream, id);
        double[] vector = new double[_dimension];
        for (int i = 0; i < vector.Length; i++)
        {
            vector[i] = random.NextGaussian();
        }
        Normalize(vector);
        return vector;
    }

    private static float[] ToUnitFloats(double[] vector)
    {
        Normalize(vector);
        return Array.ConvertAll(vector, x => (float)x);
    }

    private static void Normalize(double[] vector)
    {
        double sum = 0;
        foreach (double x in vector)
        {
            sum += x * x;
        }
        double scale = 1 / Math.Sqrt(sum);
        for (int i = 0; i < vector.Length; i++)
        {
            vector[i] *= scale;
        }
    }

    /// <summary>SplitMix64 started from (seed, stream, id); Gaussians in pairs by Box and Muller.</summary>
    private sealed class CounterRandom(ulong seed, ulong stream, ulong id)
    {
        private const ulong Step = 0x9E3779B97F4A7C15;
        private ulong _state = Mix(Mix(Mix(seed) ^ stream) ^ id);
        private double? _spare;

        public double NextUniform() => (Next() >> 11) * (1.0 / (1L << 53));

        public double NextGaussian()
        {
            if (_spare is { } spare)
            {
                _spare = null;
                return spare;
            }
            double radius = Math.Sqrt(-2 * Math.Log(1.0 - NextUniform()));
            (double sine, double cosine) = Math.SinCos(2 * Math.PI * NextUniform());
            _spare = radius * sine;
            return radius * cosine;
        }

        private ulong Next()
        {
            ulong mixed = Mix(_state);
            _state += Step;
            return mixed;
        }

        private static ulong Mix(ulong z)
        {
            z += Step;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }
}
