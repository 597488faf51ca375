using ChineseClip.Benchmarks.Index;

return args switch
{
    ["index", .. string[] rest] => IndexBenchmark.Run(rest),
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
    return 2;
}
