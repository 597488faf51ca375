namespace ChineseClip.Cluster.Tests.Faults;

/// <summary>What a comparison with the model found.</summary>
internal sealed record Verdict(
    int StoredCount, IReadOnlyList<string> Lost, IReadOnlyList<string> Phantoms, IReadOnlyList<string> Resurrected, IReadOnlyList<string> Faults)
{
    public bool Holds => Lost.Count + Phantoms.Count + Resurrected.Count + Faults.Count == 0;

    public override string ToString() =>
        $"{StoredCount} stored, {Lost.Count} lost, {Phantoms.Count} phantoms, {Resurrected.Count} deleted ids back"
        + string.Concat(Lost.Concat(Phantoms).Concat(Resurrected).Concat(Faults).Take(10).Select(line => "\n  " + line));
}
