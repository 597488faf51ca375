using System.Globalization;
using ChineseClip.Vectors;

namespace ChineseClip.Benchmarks.Index;

/// <summary>The vectors of one run with the true neighbours of the queries, made once and kept in files that peers read, too.</summary>
internal sealed class BenchmarkData
{
    private readonly Lazy<ClipWorkload> _workload;

    public BenchmarkData(IndexBenchmarkOptions options, string directory)
    {
        Directory = Path.Combine(directory, string.Create(
            CultureInfo.InvariantCulture, $"clip-{options.N}x{options.Dim}-seed{options.Seed}-q{options.Queries}-k{options.K}"));
        System.IO.Directory.CreateDirectory(Directory);
        _workload = new Lazy<ClipWorkload>(() =>
        {
            Console.Error.WriteLine($"generating {options.N} × {options.Dim}, seed {options.Seed}");
            return new ClipWorkload(options.Dim, options.Seed);
        });
        Vectors = Rows("base", options.N, options.Dim, id => _workload.Value.IndexedPicture(id));
        VectorRows<float> pictures = Rows("picture", options.Queries, options.Dim, id => _workload.Value.HeldOutPicture(id));
        VectorRows<float> texts = Rows("text", options.Queries, options.Dim, id => _workload.Value.HeldOutText(id));
        Sets = new()
        {
            ["picture"] = new QuerySet(pictures, TrueNeighbors("picture", pictures, options.K)),
            ["text"] = new QuerySet(texts, TrueNeighbors("text", texts, options.K)),
        };
        Training = options.TrainQueries == 0
            ? null
            : Rows($"train{options.TrainQueries}", options.TrainQueries, options.Dim, id => _workload.Value.TrainingText(id));
        Base = Jagged(Vectors);
        Queries = Sets.ToDictionary(set => set.Key, set => Jagged(set.Value.Vectors));
        Truth = Sets.ToDictionary(set => set.Key, set => Jagged(set.Value.Truth));
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

    public VectorRows<float> Vectors { get; }

    /// <summary>By kind: pictures that are not indexed, and captions of them.</summary>
    public Dictionary<string, QuerySet> Sets { get; }

    /// <summary>Captions to learn from; null for none.</summary>
    public VectorRows<float>? Training { get; }

    /// <summary>The vectors, queries and true neighbours again, as rows of their own.</summary>
    public float[][] Base { get; }

    public Dictionary<string, float[][]> Queries { get; }

    public Dictionary<string, int[][]> Truth { get; }

    private VectorRows<float> Rows(string name, int count, int dimension, Func<int, float[]> row)
    {
        string path = Path.Combine(Directory, name + ".fvecs");
        if (File.Exists(path))
        {
            return VectorFile.ReadUnitVectors(path, normalize: false);
        }
        VectorRows<float> rows = VectorRows<float>.Create(count, dimension, row);
        VectorFile.Write(path, rows);
        return rows;
    }

    /// <summary>The best of what matches, kept under a name that says all that they depend on.</summary>
    public VectorRows<int> TrueNeighbors(string name, VectorRows<float> queries, int k, OrdinalSet? filter = null)
    {
        string path = Path.Combine(Directory, name + ".ivecs");
        if (File.Exists(path))
        {
            return VectorFile.ReadIds(path, Vectors.Count);
        }
        VectorRows<int> neighbors = ExactNeighbors.Find(Vectors, queries, k, filter);
        VectorFile.Write(path, neighbors);
        return neighbors;
    }

    private static T[][] Jagged<T>(VectorRows<T> rows) where T : unmanaged =>
        [.. Enumerable.Range(0, rows.Count).Select(row => rows[row].ToArray())];
}
