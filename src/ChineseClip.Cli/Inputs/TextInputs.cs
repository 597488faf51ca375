using System.Runtime.CompilerServices;
using ChineseClip.Cli.Running;

namespace ChineseClip.Cli.Inputs;

/// <summary>The texts of a command: those of its options, then the lines of standard input.</summary>
internal static class TextInputs
{
    public static async IAsyncEnumerable<string> ReadAsync(
        IReadOnlyList<string> given, TextReader? lines, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (string text in given)
        {
            yield return text;
        }

        while (lines is not null && await lines.ReadLineAsync(cancellationToken) is { } line)
        {
            yield return line;
        }
    }

    /// <summary>Refuses a text without content, which a model would embed as if it meant something.</summary>
    public static string RequireContent(string text, int ordinal) => string.IsNullOrWhiteSpace(text)
        ? throw new CommandFailedException($"Text {ordinal + 1} is blank; there is nothing to embed.")
        : text;
}
