using ChineseClip.Server.Pictures;
using Microsoft.Extensions.Options;

namespace ChineseClip.Server.Gateway;

/// <summary>What an endpoint that takes pictures works with.</summary>
internal sealed class EndpointServices(IGrainFactory grains, PictureLoader pictures, IOptions<GatewayOptions> options)
{
    public IGrainFactory Grains { get; } = grains;

    public PictureLoader Pictures { get; } = pictures;

    public GatewayOptions Options { get; } = options.Value;
}
