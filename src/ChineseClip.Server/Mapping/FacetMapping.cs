using System.Text.Json;
using ChineseClip.Abstractions;
using ChineseClip.Contracts;

namespace ChineseClip.Server.Mapping;

/// <summary>Facets as HTTP records, their values in the JSON type they were stored with.</summary>
internal static class FacetMapping
{
    public static Facet ToRecord(string field, FacetAnswer answer) => new()
    {
        Field = field,
        Values = [.. answer.Facets.Select(facet => new FacetValue
        {
            Value = ToElement(facet.Value),
            Count = facet.Count,
        })],
    };

    private static JsonElement ToElement(FilterValue value) => value.Kind switch
    {
        FilterValueKind.Text => JsonSerializer.SerializeToElement(value.Text, ContractsJson.Default.String),
        FilterValueKind.Number => JsonSerializer.SerializeToElement(value.Number, ContractsJson.Default.Double),
        FilterValueKind.Boolean => JsonSerializer.SerializeToElement(value.Number != 0, ContractsJson.Default.Boolean),
        _ => throw new ArgumentOutOfRangeException(nameof(value), value.Kind, "An unknown kind of value."),
    };
}
