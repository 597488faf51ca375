using System.Text;

namespace ChineseClip.Cli.Running;

/// <summary>Where a command reads and writes: answers to output, all else (progress, logs, errors) to error.</summary>
internal sealed class CliStreams(TextReader input, TextWriter output, TextWriter error) : IDisposable
{
    public TextReader Input => input;

    public TextWriter Output => output;

    public TextWriter Error => error;

    /// <summary>Progress bars are drawn only then.</summary>
    public bool ErrorIsTerminal { get; init; }

    public bool OutputIsTerminal { get; init; }

    /// <summary>The process's own streams, as UTF-8 whatever the locale says, so that Chinese text stays whole.</summary>
    public static CliStreams OfProcess()
    {
        UTF8Encoding utf8 = new(encoderShouldEmitUTF8Identifier: false);
        if (OperatingSystem.IsWindows())
        {
            Console.OutputEncoding = utf8;
            Console.InputEncoding = utf8;
        }

        return new CliStreams(
            new StreamReader(Console.OpenStandardInput(), utf8),
            TextWriter.Synchronized(new StreamWriter(Console.OpenStandardOutput(), utf8) { AutoFlush = true }),
            TextWriter.Synchronized(new StreamWriter(Console.OpenStandardError(), utf8) { AutoFlush = true }))
        {
            ErrorIsTerminal = !Console.IsErrorRedirected,
            OutputIsTerminal = !Console.IsOutputRedirected,
        };
    }

    public void Dispose()
    {
        output.Flush();
        error.Flush();
    }
}
