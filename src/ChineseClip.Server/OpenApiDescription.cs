using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace ChineseClip.Server;

/// <summary>What the OpenAPI document says of the whole API.</summary>
internal static class OpenApiDescription
{
    public const string DocumentName = "v1";

    public static void Configure(OpenApiOptions options) =>
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "ChineseClip.Cluster",
                Version = "v1",
                Description = "Find pictures by Chinese text and by pictures. Vectors have unit length; scores are "
                    + "cosine similarities in [-1, 1], higher is better. Errors are problem details (RFC 9457) with a "
                    + "stable code.",
            };
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
            {
                ["bearer"] = new OpenApiSecurityScheme
                {
                    Type = SecuritySchemeType.Http,
                    Scheme = "bearer",
                    Description = "Needed only when Gateway:ApiKeys is set; X-Api-Key does as well.",
                },
            };
            return Task.CompletedTask;
        });
}
