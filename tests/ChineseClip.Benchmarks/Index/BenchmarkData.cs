using System.Globalization;
using ChineseClip.Vectors;

namespace ChineseClip.Benchmarks.Index;

/// <summary>The vectors of one run with the true neighbours of the queries, made once and kept in files that peers read, too.</summary>
internal sealed class BenchmarkData
{
    private readonly IndexBenchmarkOptions _options;
    private readonly Lazy<ClipWorkload> _workload;

    public BenchmarkData(IndexBenchmarkOptions options, string directory)
    {
        _options = options;
        Directory = Path.Combine(directory, string.Create(
            CultureInfo.InvariantCulture, $"clip-{options.N}x{options.Dim}-seed{options.Seed}-q{options.Queries}-k{options.K}"));
        System.IO.Directory.CreateDirectory(Directory);
        _workload = new Lazy<ClipWorkload>(() =>
        {
            Console.Error.WriteLine($"generating {options.N} × {options.Dim}, seed {options.Seed}");
            return new ClipWorkload(options.Dim, options.Seed);
        });
        Base = Rows("base", options.N, id => _workload.Value.IndexedPicture(id));
        Queries = new()
        {
            ["picture"] = Rows("picture", options.Queries, id => _workload.Value.HeldOutPicture(id)),
            ["text"] = Rows("text", options.Queries, id => _workload.Value.HeldOutText(id)),
        };
        Training = options.TrainQueries == 0
            ? []
            : Rows($"train{options.TrainQueries}", options.TrainQueries, id => _workload.Value.TrainingText(id));
        Flat = new FlatIndex(options.Dim);
        foreach (float[] vector in Base)
        {
            Flat.Add(vector);
        }
        Truth = Queries.ToDictionary(pair => pair.Key, pair => TrueNeighbors(pair.Key, pair.Value));
    }

    /// <summary>Makes the data, in a temporary directory unless the options name one, for as long as they are used.</summary>
    public static void Use(IndexBenchmarkOptions options, Action<BenchmarkData> use)
    {
        string? temporary = options.Data.Length > 0 ? null : System.IO.Directory.CreateTempSubdirectory("chineseclip-bench-").FullName;
        try
        {
            use(new BenchmarkData(options, temporary ?? options.Data));
        }
        finally
        {
            if (temporary is not null)
            {
                System.IO.Directory.Delete(temporary, recursive: true);
            }
        }
    }

    /// <summary>Holds base.fvecs, and for each kind of query KIND.fvecs and KIND.ivecs.</summary>
    public string Directory { get; }

    public float[][] Base { get; }

    public Dictionary<string, float[][]> Queries { get; }

    public float[][] Training { get; }

    public Dictionary<string, int[][]> Truth { get; }

    public FlatIndex Flat { get; }

    private float[][] Rows(string name, int count, Func<int, float[]> row)
    {
        string path = Path.Combine(Directory, name + ".fvecs");
        if (!File.Exists(path))
        {
            VectorFile.Write(path, Enumerable.Range(0, count).Select(row));
        }
        return VectorFile.Read<float>(path);
    }

    private int[][] TrueNeighbors(string kind, float[][] queries)
    {
        string path = Path.Combine(Directory, kind + ".ivecs");
        if (!File.Exists(path))
        {
            VectorFile.Write(path, queries.Select(query => Exact(query, null)));
        }
        return VectorFile.Read<int>(path);
    }

    public int[] Exact(float[] query, OrdinalSet? filter)
    {
        ScoredOrdinal[] hits = new ScoredOrdinal[_options.K];
        int found = Flat.SearchExact(query, hits, filter).Found;
        return Array.ConvertAll(hits[..found], hit => hit.Ordinal);
    }
}
