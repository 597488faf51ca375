using ChineseClip.Contracts;

namespace ChineseClip.Cli.DemoRun;

/// <summary>A query of the demo and what came back.</summary>
/// <param name="Text">The text asked, or the caption of the picture asked with.</param>
/// <param name="Response">The server's answer.</param>
internal sealed record DemoAnswer(string Text, SearchResponse Response);
