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

    // Equal content, as elsewhere in messages; the memory's own equality is that of the array behind it.
    public bool Equals(OptionalBytes other) => HasValue == other.HasValue && Bytes.Span.SequenceEqual(other.Bytes.Span);

    public override int GetHashCode() => HashCode.Combine(HasValue, Bytes.Length);
}
