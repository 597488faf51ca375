using Microsoft.AspNetCore.Http.Timeouts;

namespace ChineseClip.Server.Gateway;

/// <summary>What endpoints say of themselves to admission and to the default timeout.</summary>
internal static class EndpointAdmission
{
    /// <summary>It keeps a <see cref="RequestDeadline"/> of its own, or takes as long as its work does.</summary>
    public static RouteHandlerBuilder WithOwnDeadline(this RouteHandlerBuilder route) =>
        route.WithMetadata(new DisableRequestTimeoutAttribute());

    /// <summary>Its requests are alike in cost, and let in by <see cref="AdaptiveLimit"/>.</summary>
    public static RouteHandlerBuilder LetInAdaptively(this RouteHandlerBuilder route) => route.WithMetadata(Adaptive.Mark);

    public static bool IsLetInAdaptively(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<Adaptive>() is not null;

    private sealed class Adaptive
    {
        public static readonly Adaptive Mark = new();
    }
}
