using ChineseClip.Cli.Running;
using Spectre.Console;

namespace ChineseClip.Cli.Output;

/// <summary>Tables and paragraphs on standard output.</summary>
internal static class Report
{
    /// <summary>Where no terminal tells its width, in columns.</summary>
    private const int RedirectedWidth = 160;

    public static Table Table(params string[] headers)
    {
        Table table = new() { Border = TableBorder.Rounded };
        foreach (string header in headers)
        {
            table.AddColumn(new TableColumn(Markup.Escape(header)));
        }

        return table;
    }

    public static void Row(this Table table, params string[] cells) => table.AddRow([.. cells.Select(Markup.Escape)]);

    public static void Write(CliStreams streams, Table table) => Console(streams.Output, streams.OutputIsTerminal).Write(table);

    public static IAnsiConsole Console(TextWriter writer, bool isTerminal)
    {
        // Spectre cannot tell a terminal behind a writer that is not the console's own.
        bool isCapable = isTerminal && Environment.GetEnvironmentVariable("TERM") != "dumb";
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = isCapable ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = isCapable ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = isCapable ? InteractionSupport.Yes : InteractionSupport.No,
        });
        if (!isTerminal)
        {
            console.Profile.Width = RedirectedWidth;
        }

        return console;
    }
}
