using System.Globalization;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;

namespace ChineseClip.Benchmarks.Index;

/// <summary>Runs <see cref="SearchAllocation"/> and prints what each case allocates and takes. JSON Lines; 1 unless all are 0 bytes.</summary>
internal static class AllocationMode
{
    public static int Run()
    {
        // The runtime allocates some kilobytes a run, whatever is searched: long enough that it is less than half a byte a search.
        IConfig inThisProcess = DefaultConfig.Instance.AddJob(
            Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance).WithIterationTime(TimeInterval.FromSeconds(1)));
        Summary summary = BenchmarkRunner.Run<SearchAllocation>(inThisProcess);
        long most = 0;
        foreach (BenchmarkReport report in summary.Reports)
        {
            long bytes = report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase) ?? long.MaxValue;
            most = Math.Max(most, bytes);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{{\"search\":\"{report.BenchmarkCase.Descriptor.WorkloadMethod.Name}\",\"quantization\":\"{report.BenchmarkCase.Parameters["Quantization"]}\",\"bytesPerOperation\":{bytes},\"microseconds\":{report.ResultStatistics?.Mean / 1000:0.0}}}"));
        }
        return summary.HasCriticalValidationErrors || summary.Reports.Length == 0 || most > 0 ? 1 : 0;
    }
}
