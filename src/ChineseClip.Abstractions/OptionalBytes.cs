namespace ChineseClip.Abstractions;

/// <summary>Bytes or none, on the wire.</summary>
/// <remarks>
/// Orleans 10 writes equal arrays under <c>ReadOnlyMemory&lt;byte&gt;?</c> as references that it cannot read back; without
/// the question mark it can. The messages show the nullable type and carry this one.
/// </remarks>
[GenerateSerializer, Alias("cc.OptionalBytes"), Immutable]
internal readonly record struct OptionalBytes
{
    [Id(0)]
    public bool HasValue { get; private init; }

    [Id(1)]
    public ReadOnlyMemory<byte> Bytes { get; private init; }

    // Not "HasValue ? Bytes : null": there null would become an empty memory by the conversion from arrays.
    public ReadOnlyMemory<byte>? Value => HasValue ? Bytes : default(ReadOnlyMemory<byte>?);

    public static OptionalBytes From(ReadOnlyMemory<byte>? value) =>
        value is { } bytes ? new OptionalBytes { HasValue = true, Bytes = bytes } : default;
}
