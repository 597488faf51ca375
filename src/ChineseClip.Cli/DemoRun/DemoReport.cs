using System.Globalization;
using ChineseClip.Cli.Output;
using ChineseClip.Cli.Running;
using ChineseClip.Demo.Evaluation;
using Spectre.Console;

namespace ChineseClip.Cli.DemoRun;

/// <summary>Prints what a demo has shown: for reading, or as the one JSON document of the contract.</summary>
internal static class DemoReport
{
    public static Task WriteJsonAsync(CliStreams streams, DemoOutcome outcome) => streams.Output.WriteLineAsync(JsonText.Of(new
    {
        outcome.Settings.Images,
        outcome.Settings.Seed,
        outcome.IndexSeconds,
        ImagesPerSecond = outcome.Settings.Images / outcome.IndexSeconds,
        AlreadyIndexed = outcome.WasIndexed,
        Queries = outcome.Queries.Select(Answer),
        PictureQuery = Answer(outcome.PictureQuery),
        outcome.HeldOut,
        HeldOutUnseenLongCaption = outcome.HeldOut?.UnseenLongCaption,
    }));

    public static async Task WriteTextAsync(CliStreams streams, DemoOutcome outcome)
    {
        string earlier = outcome.WasIndexed ? " (by an earlier run, used again)" : string.Empty;
        await streams.Output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"Indexed {outcome.Settings.Images} pictures (seed {outcome.Settings.Seed}) in {outcome.IndexSeconds:0.0} s{earlier}: {outcome.Settings.Images / outcome.IndexSeconds:0} pictures/s"));
        Table table = Report.Table("query", "hit", "caption", "score");
        foreach (DemoAnswer answer in outcome.Queries)
        {
            AddRows(table, answer.Text, answer);
        }

        AddRows(table, $"[picture: {outcome.PictureQuery.Text}]", outcome.PictureQuery);
        Report.Write(streams, table);
        if (outcome.HeldOut is { } heldOut)
        {
            await streams.Output.WriteLineAsync($"On {heldOut.Pictures} held-out pictures:");
            Report.Write(streams, HeldOutTable(heldOut));
        }
    }

    private static Table HeldOutTable(HeldOutResult heldOut)
    {
        Table table = Report.Table("measure", "value");
        AddRecall(table, "long caption to picture", heldOut.LongCaption);
        AddRecall(table, "  of unseen compositions", heldOut.UnseenLongCaption);
        table.Row("short queries, precision@10", Percent(heldOut.ShortQueryPrecisionAt10));
        table.Row("two-way choice: kind", Percent(heldOut.TwoWay.Kind));
        table.Row("two-way choice: color", Percent(heldOut.TwoWay.Color));
        table.Row("two-way choice: count", Percent(heldOut.TwoWay.Count));
        table.Row("two-way choice: relation", Percent(heldOut.TwoWay.Relation));
        table.Row("two-way choice: swapped colors", Percent(heldOut.TwoWay.Swap));
        return table;
    }

    private static void AddRecall(Table table, string name, RecallTable recall) =>
        table.Row($"{name}, R@1 / R@5 / R@10", $"{Percent(recall.R1)} / {Percent(recall.R5)} / {Percent(recall.R10)}");

    private static string Percent(double share) => double.IsNaN(share) ? "none" : share.ToString("0.0 %", CultureInfo.InvariantCulture);

    private static void AddRows(Table table, string query, DemoAnswer answer)
    {
        for (int i = 0; i < answer.Response.Hits.Count; i++)
        {
            table.Row(
                i == 0 ? query : string.Empty,
                answer.Response.Hits[i].Id,
                HitTable.Caption(answer.Response.Hits[i]),
                answer.Response.Hits[i].Score.ToString("0.000", CultureInfo.InvariantCulture));
        }
    }

    private static object Answer(DemoAnswer answer) => new
    {
        answer.Text,
        Hits = answer.Response.Hits.Select(hit => new { hit.Id, hit.Score, Caption = HitTable.Caption(hit) }),
    };
}
