namespace ChineseClip.Abstractions;

/// <summary>A picture file and what to call it in an error.</summary>
[GenerateSerializer, Alias("cc.NamedImage"), Immutable]
public sealed record NamedImage
{
    /// <summary>How an error names it.</summary>
    [Id(0)]
    public required string Name { get; init; }

    /// <summary>The file as it lies on disk.</summary>
    [Id(1)]
    public required ReadOnlyMemory<byte> Data { get; init; }
}
