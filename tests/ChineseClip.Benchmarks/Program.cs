using BenchmarkDotNet.Running;
using ChineseClip.Benchmarks.Index;

return args switch
{
    ["index", .. string[] rest] => IndexBenchmark.Run(rest),
    ["churn", .. string[] rest] => ChurnMode.Run(rest),
    ["concurrency", .. string[] rest] => ConcurrencyMode.Run(rest),
    ["allocation"] => BenchmarkRunner.Run<SearchAllocation>().HasCriticalValidationErrors ? 1 : 0,
    ["filter", .. string[] rest] => FilterMode.Run(rest),
    ["build", .. string[] rest] => BuildBenchmark.Run(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: index [--n N] [--dim D] [--seed S] [--m M] [--ef-construction E] [--ef E,E,…] [-k K]");
    Console.Error.WriteLine("             [--queries Q] [--train-queries T [--learn-neighbors L] [--learn-ef E]] [--quantization sq7|none]");
    Console.Error.WriteLine("             [--filter-selectivity P,P,…] [--churn P] [--repeats R] [--peers] [--data DIR] [--out FILE]");
    Console.Error.WriteLine("       build [as index, and --threads T,T,…]: bulk build, wall and CPU seconds, recall at the first two --ef");
    Console.Error.WriteLine("       filter [as index]: recall and speed of filtered search at every --filter-selectivity, correlated or not");
    Console.Error.WriteLine("       churn [as index]: removes and re-adds --churn of the items while searching; recall, reachability, memory");
    Console.Error.WriteLine("       concurrency [as index]: searches beside a writer, and on two threads");
    Console.Error.WriteLine("       allocation: BenchmarkDotNet's memory diagnoser on the search");
    return 2;
}
