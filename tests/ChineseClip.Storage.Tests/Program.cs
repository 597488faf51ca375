using ChineseClip.Storage.Tests.Kills;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

namespace ChineseClip.Storage.Tests;

/// <summary>The tests, or, when a test starts this program again, the process that it kills.</summary>
internal static class Program
{
    public static Task<int> Main(string[] args)
    {
        if (Environment.GetEnvironmentVariable(Victim.Variable) is { Length: > 0 } order)
        {
            return Victim.RunAsync(order);
        }

        // As the entry that the test framework would generate.
        return args.Any(argument => argument is "-automated" or "@@")
            ? ConsoleRunner.Run(args)
            : TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions);
    }
}
