namespace ChineseClip.Cli.Evaluation;

/// <summary>A text with the items that are right answers to it.</summary>
internal sealed record RetrievalQuery(string Id, string Text, IReadOnlyList<string> ItemIds);
