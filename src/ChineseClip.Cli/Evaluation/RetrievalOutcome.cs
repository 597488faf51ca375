using ChineseClip.Model.Evaluation;

namespace ChineseClip.Cli.Evaluation;

/// <summary>What an evaluation found.</summary>
/// <param name="QueryCount">Texts that were searched for.</param>
/// <param name="ItemCount">Different right answers in the collection: the queries of picture to text.</param>
/// <param name="MissingItems">Right answers that the collection does not hold; no search can find them.</param>
/// <param name="TextToImage">Over all texts; null where nothing tells it.</param>
/// <param name="ImageToText">Over the right answers that are there, among all texts; compared with every text; null where nothing tells it.</param>
internal sealed record RetrievalOutcome(
    int QueryCount, int ItemCount, IReadOnlyList<string> MissingItems, RecallScores? TextToImage, RecallScores? ImageToText);
