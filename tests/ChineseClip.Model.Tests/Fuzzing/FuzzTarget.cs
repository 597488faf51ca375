namespace ChineseClip.Model.Tests.Fuzzing;

/// <summary>A reader of foreign bytes, and how to attack it.</summary>
internal sealed record FuzzTarget
{
    public required string Name { get; init; }

    /// <summary>The name its file must have, where the reader cares.</summary>
    public string FileName { get; init; } = "input.bin";

    /// <summary>Sound inputs to start from.</summary>
    public required Func<IEnumerable<byte[]>> Seeds { get; init; }

    /// <summary>Damages an input, with its structure in mind.</summary>
    public required Func<byte[], Random, byte[]> Mutate { get; init; }

    /// <summary>Reads an input as users do. A refusal is one of the exceptions that the library documents.</summary>
    /// <remarks>Gets the input's bytes and a path that holds them.</remarks>
    public required Action<byte[], string> Read { get; init; }

    /// <summary>Whether an exception is how the reader says that an input is wrong.</summary>
    public Func<Exception, bool> IsRefusal { get; init; } = exception => exception is ModelFormatException;

    /// <summary>Most bytes that one input may make the reader allocate, besides 64 for each of its own.</summary>
    public long AllowedBytes { get; init; } = 32 << 20;
}
