using System.Globalization;

namespace ChineseClip.Cluster.Tests.Faults;

/// <summary>How long the fault suite runs and from which seed: <c>./test.sh --chaos MINUTES</c> sets both.</summary>
internal static class ChaosSettings
{
    private const int QuickSeed = 20261123;

    /// <summary>Minutes of the long part; 0 for the quick part.</summary>
    public static double Minutes { get; } = double.Parse(Read("CHINESECLIP_CHAOS_MINUTES") ?? "0", CultureInfo.InvariantCulture);

    public static bool IsLong => Minutes > 0;

    public static int Seed { get; } = Read("CHINESECLIP_CHAOS_SEED") is { } seed
        ? int.Parse(seed, CultureInfo.InvariantCulture)
        : IsLong ? Random.Shared.Next(1, int.MaxValue) : QuickSeed;

    /// <summary>Skips a test that takes too long for every run.</summary>
    public static void RequireLong() =>
        Assert.SkipUnless(IsLong, "Takes minutes; ./test.sh --chaos MINUTES runs it.");

    /// <summary>Prints where a person who started the long part looks.</summary>
    public static void Print(string line)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(line);
        if (IsLong)
        {
            Console.Out.WriteLine($"{DateTime.UtcNow:HH:mm:ss} {line}");
        }
    }

    private static string? Read(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
