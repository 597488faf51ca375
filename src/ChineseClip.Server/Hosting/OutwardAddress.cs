using System.Net;
using System.Net.Sockets;

namespace ChineseClip.Server.Hosting;

/// <summary>The address this machine has towards the world, on the device of its default route.</summary>
/// <remarks>Not the first device that is up: bridges and cables of containers come and go, and nobody else can reach what is on them.</remarks>
internal static class OutwardAddress
{
    // Reserved for documentation (RFC 5737), so it is routed as any stranger would be; nothing is sent.
    private static readonly IPEndPoint Stranger = new(IPAddress.Parse("198.51.100.1"), 9);

    /// <summary>Null where there is no default route.</summary>
    public static IPAddress? Find()
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.Connect(Stranger);
            return ((IPEndPoint)socket.LocalEndPoint!).Address;
        }
        catch (SocketException)
        {
            return null;
        }
    }
}
