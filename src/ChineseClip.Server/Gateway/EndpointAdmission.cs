using Microsoft.AspNetCore.Http.Timeouts;

namespace ChineseClip.Server.Gateway;

/// <summary>What endpoints say of themselves to the default timeout.</summary>
internal static class EndpointAdmission
{
    /// <summary>It keeps a <see cref="RequestDeadline"/> of its own, or takes as long as its work does.</summary>
    public static RouteHandlerBuilder WithOwnDeadline(this RouteHandlerBuilder route) =>
        route.WithMetadata(new DisableRequestTimeoutAttribute());
}
