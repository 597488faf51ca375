using ChineseClip.Benchmarks.Index;

return args switch
{
    ["index", .. string[] rest] => IndexBenchmark.Run(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: index [--n N] [--dim D] [--seed S] [--m M] [--ef-construction E] [--ef E,E,…] [-k K]");
    Console.Error.WriteLine("             [--queries Q] [--train-queries T] [--quantization sq7|none] [--repeats R] [--peers] [--out FILE]");
    return 2;
}
