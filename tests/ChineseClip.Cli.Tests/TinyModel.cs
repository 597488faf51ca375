namespace ChineseClip.Cli.Tests;

/// <summary>The tiny golden model, converted once by the command under test.</summary>
public sealed class TinyModel : IAsyncLifetime
{
    public static string Checkpoint { get; } = Path.Combine(AppContext.BaseDirectory, "Golden", "tiny-hf");

    public string Package { get; } = Path.Combine(TestHome.NewDirectory(), "tiny");

    internal CliRun Conversion { get; private set; } = null!;

    public async ValueTask InitializeAsync() =>
        Conversion = (await CliRun.OfAsync("model", "convert", Checkpoint, "--out", Package, "--json")).Done();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
