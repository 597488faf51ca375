using ChineseClip.Cli.Running;
using Spectre.Console;

namespace ChineseClip.Cli.Output;

/// <summary>Shows how far some counted work has come: a bar on a terminal; elsewhere one line when it begins.</summary>
internal static class WorkProgress
{
    /// <param name="streams">Shown on the error stream.</param>
    /// <param name="title">What is being done.</param>
    /// <param name="total">How many there are to do.</param>
    /// <param name="work">Calls its argument with how many more are done.</param>
    public static async Task RunAsync(CliStreams streams, string title, int total, Func<Action<int>, Task> work)
    {
        if (!streams.ErrorIsTerminal)
        {
            await streams.Error.WriteLineAsync($"{title}: {total}");
            await work(_ => { });
            return;
        }

        await Report.Console(streams.Error, isTerminal: true)
            .Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                ProgressTask task = context.AddTask(Markup.Escape(title), maxValue: Math.Max(1, total));
                await work(done => task.Increment(done));
                task.Value = task.MaxValue;
            });
    }
}
