using ChineseClip.Benchmarks.Index;
using ChineseClip.Benchmarks.Model;

return args switch
{
    ["index", .. string[] rest] => IndexBenchmark.Run(rest),
    ["churn", .. string[] rest] => ChurnMode.Run(rest),
    ["concurrency", .. string[] rest] => ConcurrencyMode.Run(rest),
    ["allocation"] => AllocationMode.Run(),
    ["filter", .. string[] rest] => FilterMode.Run(rest),
    ["build", .. string[] rest] => BuildBenchmark.Run(rest),
    ["load", .. string[] rest] => LoadBenchmark.Run(rest),
    ["draw", string report, string picture] => Draw(report, picture),
    ["model", .. string[] rest] => ModelBenchmark.Run(rest),
    ["model-child", .. string[] rest] => ChildMeasurements.Run(rest),
    _ => Usage(),
};

static int Draw(string report, string picture)
{
    File.WriteAllText(picture, CurvePicture.Draw(IndexReport.Read(report)));
    return 0;
}

static int Usage()
{
    Console.Error.WriteLine("usage: index [--n N] [--dim D] [--seed S] [--m M] [--ef-construction E] [--ef E,E,…] [-k K]");
    Console.Error.WriteLine("             [--queries Q] [--train-queries T [--learn-neighbors L] [--learn-ef E]] [--quantization Q,Q,…]");
    Console.Error.WriteLine("             [--repeats R] [--peers [hnswlib,usearch,faiss]] [--core C] [--data DIR] [--out FILE] [--svg FILE]");
    Console.Error.WriteLine("       build [as index, and --threads T,T,…]: bulk build, wall and CPU seconds, recall at the first two --ef");
    Console.Error.WriteLine("       filter [as index]: recall and speed of filtered search at every --filter-selectivity, correlated or not");
    Console.Error.WriteLine("       churn [as index]: removes and re-adds --churn of the items while searching; recall, reachability, memory");
    Console.Error.WriteLine("       concurrency [as index]: searches beside a writer, and on two threads");
    Console.Error.WriteLine("       allocation: BenchmarkDotNet's memory diagnoser on the search; prints bytes a search, JSON Lines, and fails above 0");
    Console.Error.WriteLine("       load  [as index]: a snapshot beside a writer, and how soon it is searched after it is opened");
    Console.Error.WriteLine("       draw REPORT PICTURE: the picture of a report of index, as SVG");
    Console.Error.WriteLine("       model [--data DIR] [--python FILE] [--repeats R] [--turn SECONDS] [--threads T,T] [--parts load,towers,pictures,demo] [--out FILE]");
    return 2;
}
