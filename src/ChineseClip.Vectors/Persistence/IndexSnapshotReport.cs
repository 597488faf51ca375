namespace ChineseClip.Vectors.Persistence;

/// <summary>What writing a snapshot did.</summary>
/// <param name="Id">Names the snapshot; stands in its manifest.</param>
/// <param name="WrittenBytes">Bytes of new files, the manifest among them.</param>
/// <param name="LinkedBytes">Bytes of files shared with the previous snapshot.</param>
/// <param name="PreviousProblem">Why nothing was shared although a previous directory was given; null otherwise.</param>
public sealed record IndexSnapshotReport(Guid Id, long WrittenBytes, long LinkedBytes, string? PreviousProblem);
