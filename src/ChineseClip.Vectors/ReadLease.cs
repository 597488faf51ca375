using ChineseClip.Vectors.Graph;

namespace ChineseClip.Vectors;

/// <summary>While held, no ordinal that is removed is given to another vector, so hits can be mapped to ids in peace.</summary>
public readonly struct ReadLease : IDisposable, IEquatable<ReadLease>
{
    private readonly ReaderEpochs? _epochs;
    private readonly SearchContext? _context;

    internal ReadLease(ReaderEpochs epochs)
    {
        _epochs = epochs;
        _context = epochs.Enter();
    }

    public void Dispose() => _epochs?.Leave(_context!);

    public bool Equals(ReadLease other) => ReferenceEquals(_context, other._context);

    public override bool Equals(object? obj) => obj is ReadLease other && Equals(other);

    public override int GetHashCode() => _context?.GetHashCode() ?? 0;

    public static bool operator ==(ReadLease left, ReadLease right) => left.Equals(right);

    public static bool operator !=(ReadLease left, ReadLease right) => !left.Equals(right);
}
