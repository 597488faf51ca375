namespace ChineseClip.Cli.Running;

/// <summary>The command line is wrong in a way that only shows when its values are looked at together.</summary>
internal sealed class CommandLineException(string message) : Exception(message);
