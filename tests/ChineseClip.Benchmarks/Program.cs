using ChineseClip.Benchmarks.Index;
using ChineseClip.Benchmarks.Model;

return args switch
{
    ["index", .. string[] rest] => IndexBenchmark.Run(rest),
    ["build", .. string[] rest] => BuildBenchmark.Run(rest),
    ["model", .. string[] rest] => ModelBenchmark.Run(rest),
    ["model-child", .. string[] rest] => ChildMeasurements.Run(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: index [--n N] [--dim D] [--seed S] [--m M] [--ef-construction E] [--ef E,E,…] [-k K]");
    Console.Error.WriteLine("             [--queries Q] [--train-queries T [--learn-neighbors L] [--learn-ef E]] [--quantization sq7|none]");
    Console.Error.WriteLine("             [--filter-selectivity P,P,…] [--churn P] [--repeats R] [--peers] [--data DIR] [--out FILE]");
    Console.Error.WriteLine("       build [as index, and --threads T,T,…]: bulk build, wall and CPU seconds, recall at the first two --ef");
    Console.Error.WriteLine("       model [--data DIR] [--python FILE] [--repeats R] [--turn SECONDS] [--threads T,T] [--parts load,towers,pictures,demo] [--out FILE]");
    return 2;
}
