namespace ChineseClip.Cli.Running;

/// <summary>The work failed; the message is what the user reads: what, and which input.</summary>
internal sealed class CommandFailedException(string message, Exception? innerException = null) : Exception(message, innerException);
