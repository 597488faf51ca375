using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using ChineseClip.Contracts;

namespace ChineseClip.Server;

/// <summary>How the server reads and writes JSON: as the contract says and not otherwise; Chinese stays readable.</summary>
internal static class ServerJson
{
    public static ContractsJson Context { get; } = new(Configure(new JsonSerializerOptions(JsonSerializerDefaults.Web)));

    /// <summary>A misspelt or doubled field is an error: silently ignored, it would give a wrong answer.</summary>
    public static JsonSerializerOptions Configure(JsonSerializerOptions options)
    {
        options.TypeInfoResolverChain.Insert(0, ContractsJson.Default.WithAddedModifier(NullElements.Refuse));
        options.RespectNullableAnnotations = true;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.AllowDuplicateProperties = false;
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        return options;
    }
}
