using System.Text;
using System.Text.Json;
using ChineseClip.Abstractions;
using ChineseClip.Vectors;

namespace ChineseClip.Grains.Gateway;

/// <summary>What callers may send. Every refusal names the input, the value and the bound.</summary>
internal static class InputRules
{
    public const int MaxIdBytes = 512;
    public const int MaxTextLength = 8192;
    public const int MaxPayloadBytes = 64 << 10;
    public const int MaxBatchItems = 1024;
    public const int MaxEmbedInputs = 256;
    public const int MaxK = 1000;
    public const int MaxEf = 10_000;
    private const int MaxPayloadDepth = 64;

    public static void CheckId(string id, string name = "id")
    {
        if (string.IsNullOrEmpty(id))
        {
            throw Invalid($"{name} is empty; must be 1..{MaxIdBytes} UTF-8 bytes.");
        }

        int length = Encoding.UTF8.GetByteCount(id);
        if (length > MaxIdBytes)
        {
            throw Invalid($"{name} has {length} UTF-8 bytes; must be 1..{MaxIdBytes}.");
        }

        // A lone surrogate would come back as another id from the log.
        if (id.Any(char.IsControl) || id.EnumerateRunes().Any(rune => rune == Rune.ReplacementChar))
        {
            throw Invalid($"{name} has a control character or is not valid Unicode.");
        }
    }

    public static void CheckText(string text, string name = "text")
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            throw Invalid($"{name} is empty; must be 1..{MaxTextLength} characters.", name);
        }

        if (text.Length > MaxTextLength)
        {
            throw Invalid($"{name} has {text.Length} characters; must be 1..{MaxTextLength}.", name);
        }
    }

    public static void CheckPayload(ReadOnlyMemory<byte> payload)
    {
        if (payload.Length > MaxPayloadBytes)
        {
            throw new ClusterException(
                ErrorCode.TooLarge, $"payload has {payload.Length} bytes; must be at most {MaxPayloadBytes}.");
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(payload, new JsonDocumentOptions { MaxDepth = MaxPayloadDepth });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw Invalid($"payload is {document.RootElement.ValueKind}; must be a JSON object.");
            }
        }
        catch (JsonException exception)
        {
            throw Invalid($"payload is not JSON: {exception.Message}");
        }
    }

    /// <summary>The vector, of unit length; it is scaled when it is not.</summary>
    public static EmbeddingVector ToUnit(EmbeddingVector vector, int dimension, string name = "vector")
    {
        if (vector.Length != dimension)
        {
            throw new ClusterException(
                ErrorCode.DimensionMismatch, $"{name} has {vector.Length} values; the collection has {dimension}.");
        }

        float[] values = vector.ToArray();
        for (int i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]))
            {
                throw Invalid(FormattableString.Invariant($"{name}[{i}] is {values[i]}; must be finite."));
            }
        }

        try
        {
            VectorMath.Normalize(values);
        }
        catch (ArgumentException)
        {
            throw Invalid($"{name} has no direction: its length is 0.");
        }

        return EmbeddingVector.From(values);
    }

    public static void CheckRange(int value, int minimum, int maximum, string name)
    {
        if (value < minimum || value > maximum)
        {
            throw Invalid($"{name} is {value}; must be {minimum}..{maximum}.");
        }
    }

    public static void CheckTimeout(TimeSpan timeout)
    {
        if (timeout <= TimeSpan.Zero || timeout > TimeSpan.FromMinutes(10))
        {
            throw Invalid($"timeout is {timeout}; must be above 0 and at most 00:10:00.");
        }
    }

    public static ClusterException Invalid(string message, string? element = null) =>
        new(ErrorCode.InvalidInput, message) { Element = element };
}
