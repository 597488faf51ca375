using System.Text.Json.Serialization;

namespace ChineseClip.Demo.Evaluation;

/// <summary>The figures of a held-out evaluation; serialized in camel case it is the `heldOut` object of the demo's JSON.</summary>
/// <param name="Pictures">How many pictures were ranked.</param>
/// <param name="LongCaption">Recall of each picture by its own long caption.</param>
/// <param name="ShortQueryPrecisionAt10">Share of the first 10 (or as many as exist) that fit, averaged over the queries.</param>
/// <param name="TwoWay">Choices between a true and an altered caption.</param>
/// <param name="UnseenLongCaption">Recall of the pictures of unseen compositions alone, among all pictures; not part of the JSON.</param>
public sealed record HeldOutResult(
    int Pictures,
    RecallTable LongCaption,
    double ShortQueryPrecisionAt10,
    TwoWayTable TwoWay,
    [property: JsonIgnore] RecallTable UnseenLongCaption);
