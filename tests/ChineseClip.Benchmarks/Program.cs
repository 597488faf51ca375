using ChineseClip.Benchmarks.Index;

return args switch
{
    ["index", .. string[] rest] => IndexBenchmark.Run(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: index [--n N] [--dim D] [--seed S] [--m M] [--ef-construction E] [--ef E,E,…] [-k K]");
    Console.Error.WriteLine("             [--queries Q] [--train-queries T [--learn-neighbors L] [--learn-ef E]] [--quantization sq7|none]");
    Console.Error.WriteLine("             [--filter-selectivity P,P,…] [--churn P] [--repeats R] [--peers] [--data DIR] [--out FILE]");
    return 2;
}
