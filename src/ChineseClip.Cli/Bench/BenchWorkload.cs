using ChineseClip.Cli.Running;

namespace ChineseClip.Cli.Bench;

/// <summary>The vectors of one run: from files, or generated.</summary>
/// <param name="Vectors">What is indexed.</param>
/// <param name="Queries">The queries of a file, or pictures that are not indexed.</param>
/// <param name="Texts">Captions of these pictures; null with files.</param>
/// <param name="Training">Queries to learn from; null for none.</param>
internal sealed record BenchWorkload(VectorRows<float> Vectors, QuerySet Queries, QuerySet? Texts, VectorRows<float>? Training)
{
    public static BenchWorkload Create(BenchIndexSettings settings, TextWriter log) =>
        settings.BaseFile is null ? Generate(settings, log) : Read(settings, log);

    private static BenchWorkload Generate(BenchIndexSettings settings, TextWriter log)
    {
        log.WriteLine($"generating {settings.N} vectors of {settings.Dim} dimensions, seed {settings.Seed}");
        ClipWorkload workload = new(settings.Dim, settings.Seed);
        VectorRows<float> vectors = VectorRows<float>.Create(settings.N, settings.Dim, workload.IndexedPicture);
        VectorRows<float> pictures = VectorRows<float>.Create(settings.QueryCount, settings.Dim, workload.HeldOutPicture);
        VectorRows<float> texts = VectorRows<float>.Create(settings.QueryCount, settings.Dim, workload.HeldOutText);
        VectorRows<float>? training = settings.TrainTexts > 0
            ? VectorRows<float>.Create(settings.TrainTexts, settings.Dim, workload.TrainingText)
            : ReadTraining(settings, settings.Dim);
        log.WriteLine("finding the true neighbours");
        return new BenchWorkload(
            vectors,
            new QuerySet(pictures, ExactNeighbors.Find(vectors, pictures, settings.K)),
            new QuerySet(texts, ExactNeighbors.Find(vectors, texts, settings.K)),
            training);
    }

    private static BenchWorkload Read(BenchIndexSettings settings, TextWriter log)
    {
        log.WriteLine($"reading {settings.BaseFile}");
        VectorRows<float> vectors = VectorFile.ReadUnitVectors(settings.BaseFile!, settings.Normalize);
        if (vectors.Count < settings.K)
        {
            throw new CommandFailedException($"{settings.BaseFile} has {vectors.Count} rows; must have at least -k, {settings.K}.");
        }
        VectorRows<float> queries = VectorFile.ReadUnitVectors(settings.QueriesFile!, settings.Normalize);
        ThrowIfOtherDimension(settings.QueriesFile!, queries.Dimension, vectors.Dimension);
        return new BenchWorkload(
            vectors, new QuerySet(queries, FindTruth(settings, vectors, queries, log)), null, ReadTraining(settings, vectors.Dimension));
    }

    private static VectorRows<int> FindTruth(
        BenchIndexSettings settings, VectorRows<float> vectors, VectorRows<float> queries, TextWriter log)
    {
        if (settings.GroundTruthFile is not { } file)
        {
            log.WriteLine("finding the true neighbours");
            return ExactNeighbors.Find(vectors, queries, settings.K);
        }
        VectorRows<int> truth = VectorFile.ReadIds(file, vectors.Count);
        if (truth.Count != queries.Count)
        {
            throw new CommandFailedException($"{file} has {truth.Count} rows; must have {queries.Count}, one for each query.");
        }
        return truth.Dimension >= settings.K
            ? truth
            : throw new CommandFailedException($"{file} has {truth.Dimension} neighbours a query; must have at least -k, {settings.K}.");
    }

    private static VectorRows<float>? ReadTraining(BenchIndexSettings settings, int dimension)
    {
        if (settings.TrainQueriesFile is not { } file)
        {
            return null;
        }
        VectorRows<float> training = VectorFile.ReadUnitVectors(file, settings.Normalize);
        ThrowIfOtherDimension(file, training.Dimension, dimension);
        return training;
    }

    private static void ThrowIfOtherDimension(string file, int dimension, int expected)
    {
        if (dimension != expected)
        {
            throw new CommandFailedException($"{file} has rows of {dimension} elements; must have {expected} as the vectors.");
        }
    }
}
