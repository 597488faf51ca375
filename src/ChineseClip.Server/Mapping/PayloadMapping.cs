using System.Text.Json;
using ChineseClip.Contracts;
using ChineseClip.Server.Errors;

namespace ChineseClip.Server.Mapping;

/// <summary>Payloads to and from their stored UTF-8 bytes.</summary>
internal static class PayloadMapping
{
    public static ReadOnlyMemory<byte>? ToBytes(JsonElement? payload, string namedAs)
    {
        if (payload is not { } element || element.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return element.ValueKind == JsonValueKind.Object
            ? JsonSerializer.SerializeToUtf8Bytes(element, ContractsJson.Default.JsonElement)
            : throw RequestException.Invalid(
                $"{namedAs}.payload is of kind {element.ValueKind}; must be an object.",
                new ProblemElement { Field = $"{namedAs}.payload" });
    }

    public static JsonElement? ToElement(ReadOnlyMemory<byte>? payload) => payload is { IsEmpty: false } bytes
        ? JsonSerializer.Deserialize(bytes.Span, ContractsJson.Default.JsonElement)
        : null;
}
