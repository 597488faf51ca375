namespace ChineseClip.Server;

/// <summary>The one meter of this project.</summary>
internal static class ServerTelemetry
{
    public const string Name = "ChineseClip.Server";
}
