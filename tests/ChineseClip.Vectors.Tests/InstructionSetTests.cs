using System.Diagnostics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ChineseClip.Vectors.Tests;

/// <summary>What a lesser machine would run: the tests of kernels and pool again with instruction sets switched off.</summary>
public sealed class InstructionSetTests
{
    private const string Expected = "CHINESECLIP_TEST_EXPECTED_VECTORS";
    private static readonly Type[] Tests =
    [
        typeof(InstructionSetTests), typeof(CodeKernelTests), typeof(SketchKernelTests), typeof(PrincipalSketchTests), typeof(CompactKernelTests), typeof(ShortKernelTests), typeof(VectorMathTests),
        typeof(ScalarQuantizerTests), typeof(CandidatePoolTests),
    ];

    [Theory]
    [InlineData("DOTNET_EnableAVX512", "256")]
    [InlineData("DOTNET_EnableAVX2", "128")]
    [InlineData("DOTNET_EnableHWIntrinsic", "0")]
    public async Task AllTestsPassWithout(string setting, string widest)
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable(Expected) is not null, "runs inside itself");
        Assert.SkipUnless(Avx2.IsSupported, "this machine has no AVX2 to switch off");
        ProcessStartInfo start = new(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (Type type in widest == "256" ? [.. Tests, typeof(HnswIndexTests), typeof(LandmarksTests)] : Tests)
        {
            start.ArgumentList.Add("--filter-class");
            start.ArgumentList.Add(type.FullName!);
        }
        start.Environment[setting] = "0";
        start.Environment[Expected] = widest;
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"with {setting}=0: {output}\n{await errors}");
    }

    [Fact]
    public void WidestVectorsAreWhatWasAskedFor()
    {
        string widest = Vector512.IsHardwareAccelerated ? "512" : Vector256.IsHardwareAccelerated ? "256"
            : Vector128.IsHardwareAccelerated ? "128" : "0";
        Assert.Equal(Environment.GetEnvironmentVariable(Expected) ?? widest, widest);
    }
}
