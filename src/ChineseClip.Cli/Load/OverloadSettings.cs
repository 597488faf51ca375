namespace ChineseClip.Cli.Load;

/// <summary>What an overload is to be.</summary>
/// <param name="Factor">Times the peak.</param>
/// <param name="Duration">How long.</param>
/// <param name="Seed">Draws all of it.</param>
/// <param name="Mix">The kinds of requests, as they were given.</param>
/// <param name="GeneratorCore">The core this process is bound to; null for none.</param>
internal sealed record OverloadSettings(double Factor, TimeSpan Duration, int Seed, string Mix, int? GeneratorCore);
