using System.Globalization;
using ChineseClip.Vectors;

namespace ChineseClip.Benchmarks.Index;

/// <summary>
/// Half the items removed and added again in random order while a thread searches: recall beside a fresh build, unreachable nodes,
/// removed ones that were returned, memory. Once item by item, once with all removals first. Prints JSON Lines.
/// </summary>
internal static class ChurnMode
{
    private const double DefaultShare = 0.5;

    public static int Run(ReadOnlySpan<string> args)
    {
        IndexBenchmarkOptions options = IndexBenchmarkOptions.Parse(args);
        BenchmarkData.Use(options, data =>
        {
            float[] rows = [.. data.Base.SelectMany(row => row)];
            Console.WriteLine(Measure(options, data, rows, allAtOnce: false));
            Console.WriteLine(Measure(options, data, rows, allAtOnce: true));
        });
        return 0;
    }

    private static string Measure(IndexBenchmarkOptions options, BenchmarkData data, float[] rows, bool allAtOnce)
    {
        using HnswIndex index = new(options.ToParameters());
        int[] ordinals = new int[options.N];
        index.AddRange(rows, ordinals);
        long bytesBefore = index.MemoryBytes;
        string fresh = Recalls(options, index, data, ordinals);

        int[] ids = [.. Enumerable.Range(0, options.N)];
        new Random(11).Shuffle(ids);
        ids = ids[..(int)(options.N * (options.Churn > 0 ? options.Churn : DefaultShare))];
        RemovalWatch watch = new(index, data.Queries["picture"], options.N * 2);
        double seconds = watch.SearchDuring(() =>
        {
            if (allAtOnce)
            {
                Array.ForEach(ids, id => watch.Remove(ordinals[id]));
                Array.ForEach(ids, id => ordinals[id] = index.Add(data.Base[id]));
                return;
            }
            foreach (int id in ids)
            {
                watch.Remove(ordinals[id]);
                ordinals[id] = index.Add(data.Base[id]);
            }
        });
        int unreachable = index.RepairReachability();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{{\"removedFirst\":{(allAtOnce ? "true" : "false")},\"churnCpuSeconds\":{seconds:0.0},\"searches\":{watch.Searches},\"removedReturned\":{watch.Violations},\"unreachable\":{unreachable},\"bytesBefore\":{bytesBefore},\"bytesAfter\":{index.MemoryBytes},\"recallFresh\":{{{fresh}}},\"recallChurned\":{{{Recalls(options, index, data, ordinals)}}}}}");
    }

    private static string Recalls(IndexBenchmarkOptions options, HnswIndex index, BenchmarkData data, int[] ordinals)
    {
        ScoredOrdinal[] hits = new ScoredOrdinal[options.K];
        return string.Join(',', data.Queries.SelectMany(pair => options.Ef.Select(ef =>
        {
            int found = 0;
            for (int q = 0; q < pair.Value.Length; q++)
            {
                int count = index.Search(pair.Value[q], ef, hits).Found;
                found += data.Truth[pair.Key][q].Count(id => Array.Exists(hits[..count], hit => hit.Ordinal == ordinals[id]));
            }
            double recall = (double)found / pair.Value.Length / options.K;
            return string.Create(CultureInfo.InvariantCulture, $"\"{pair.Key} @{ef}\":{recall:0.0000}");
        })));
    }
}
