using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace ChineseClip.Abstractions;

/// <summary>A vector on the wire: little-endian float32 bytes that Orleans neither copies nor walks through.</summary>
/// <remarks>Ownership: the bytes must not change after the vector is made.</remarks>
[GenerateSerializer, Alias("cc.EmbeddingVector"), Immutable]
public readonly struct EmbeddingVector : IEquatable<EmbeddingVector>
{
    [Id(0)]
    private readonly ReadOnlyMemory<byte> _bytes;

    /// <summary>Wraps bytes that hold little-endian float32 values.</summary>
    /// <param name="bytes">The bytes; a multiple of 4.</param>
    /// <exception cref="ArgumentException">The length is no multiple of 4.</exception>
    public EmbeddingVector(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length % sizeof(float) != 0)
        {
            throw new ArgumentException($"The vector has {bytes.Length} bytes; must be a multiple of 4.", nameof(bytes));
        }

        _bytes = bytes;
    }

    /// <summary>The bytes as they travel.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes;

    /// <summary>How many values it has.</summary>
    public int Length => _bytes.Length / sizeof(float);

    /// <summary>Makes a vector of a copy of <paramref name="values"/>.</summary>
    /// <param name="values">The values.</param>
    /// <returns>The vector.</returns>
    public static EmbeddingVector From(ReadOnlySpan<float> values)
    {
        byte[] bytes = new byte[values.Length * sizeof(float)];
        if (BitConverter.IsLittleEndian)
        {
            MemoryMarshal.AsBytes(values).CopyTo(bytes);
        }
        else
        {
            for (int i = 0; i < values.Length; i++)
            {
                BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), values[i]);
            }
        }

        return new EmbeddingVector(bytes);
    }

    /// <summary>Writes the values to <paramref name="destination"/>.</summary>
    /// <param name="destination">At least <see cref="Length"/> values long.</param>
    public void CopyTo(Span<float> destination)
    {
        ReadOnlySpan<byte> bytes = _bytes.Span;
        if (BitConverter.IsLittleEndian)
        {
            bytes.CopyTo(MemoryMarshal.AsBytes(destination));
            return;
        }

        for (int i = 0; i < Length; i++)
        {
            destination[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes[(i * sizeof(float))..]);
        }
    }

    /// <summary>The values as an array of their own.</summary>
    /// <returns>A new array.</returns>
    public float[] ToArray()
    {
        float[] values = new float[Length];
        CopyTo(values);
        return values;
    }

    /// <inheritdoc/>
    public bool Equals(EmbeddingVector other) => _bytes.Span.SequenceEqual(other._bytes.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is EmbeddingVector other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(_bytes.Span);
        return hash.ToHashCode();
    }

    /// <summary>Whether both hold the same bytes.</summary>
    /// <param name="left">One vector.</param>
    /// <param name="right">The other.</param>
    /// <returns>True when equal.</returns>
    public static bool operator ==(EmbeddingVector left, EmbeddingVector right) => left.Equals(right);

    /// <summary>Whether they hold different bytes.</summary>
    /// <param name="left">One vector.</param>
    /// <param name="right">The other.</param>
    /// <returns>True when different.</returns>
    public static bool operator !=(EmbeddingVector left, EmbeddingVector right) => !left.Equals(right);
}
