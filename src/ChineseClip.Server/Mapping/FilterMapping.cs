using System.Text.Json;
using ChineseClip.Abstractions;
using ChineseClip.Contracts;

namespace ChineseClip.Server.Mapping;

/// <summary>The filter of a request to the clause the grains evaluate.</summary>
internal static class FilterMapping
{
    /// <summary>Goes by way of JSON, so that the one parser of filters is the grains'.</summary>
    public static FilterClause? ToClause(Filter? filter) => filter is null
        ? null
        : FilterJson.Parse(JsonSerializer.SerializeToElement(filter, ContractsJson.Default.Filter));
}
